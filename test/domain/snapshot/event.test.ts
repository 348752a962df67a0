import { describe, expect, it } from 'vitest';
import { parseClusterEvent } from '../../../shared/domain/snapshot/event.ts';
import { noticeOf, withNotices, withSupport } from '../../../shared/domain/snapshot/notice.ts';
import type { ClusterSettings, NodePool } from '../../../shared/domain/snapshot/snapshot.ts';

const SUB = '11111111-2222-4333-8444-555555555555';
const CLUSTER = `/subscriptions/${SUB}/resourceGroups/RG/providers/Microsoft.ContainerService/managedClusters/Prod`;
const CANONICAL = `/subscriptions/${SUB}/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/prod`;
const AT = '2026-11-20T18:00:00.0000000Z';

/** The shapes of Azure/azure-rest-api-specs, specification/eventgrid/data-plane/Microsoft.ContainerService, examples. */
const aksEvent = (type: string, data: unknown) => ({
  topic: CLUSTER,
  subject: 'Prod',
  eventType: `Microsoft.ContainerService.${type}`,
  id: 'e1',
  data,
  dataVersion: '1',
  metadataVersion: '1',
  eventTime: AT,
});

const resourceEvent = (type: string, resourceUri: string) => ({
  topic: `/subscriptions/${SUB}`,
  subject: resourceUri,
  eventType: `Microsoft.Resources.${type}`,
  id: 'e2',
  eventTime: AT,
  data: { resourceUri, claims: { upn: 'someone@example.com' }, httpRequest: { clientIpAddress: '192.0.2.1' } },
});

function asCloudEvent({ topic, eventType, eventTime, ...rest }: ReturnType<typeof aksEvent>) {
  return { ...rest, source: topic, type: eventType, time: eventTime, specversion: '1.0' };
}

describe('an event about a cluster', () => {
  it.each([
    ['NodePoolRollingStarted', { nodePoolName: 'kata' }, 'rolling-started'],
    ['NodePoolRollingSucceeded', { nodePoolName: 'kata' }, 'rolling-succeeded'],
    ['NodePoolRollingFailed', { nodePoolName: 'kata' }, 'rolling-failed'],
    ['ClusterSupportEnding', { kubernetesVersion: '1.30.1' }, 'support-ending'],
    ['ClusterSupportEnded', { kubernetesVersion: '1.30.1' }, 'support-ended'],
    ['NewKubernetesVersionAvailable', { latestSupportedKubernetesVersion: '1.36.0' }, 'new-version'],
  ])('is read in both schemas: %s', (type, data, kind) => {
    const event = aksEvent(type, data);
    const expected = { id: 'e1', clusterId: CANONICAL, kind, at: '2026-11-20T18:00:00.000Z' };

    expect(parseClusterEvent(event)).toMatchObject(expected);
    expect(parseClusterEvent(asCloudEvent(event))).toEqual(parseClusterEvent(event));
  });

  it.each([
    ['a cluster written', 'ResourceWriteSuccess', CLUSTER, { kind: 'changed' }],
    ['a cluster deleted', 'ResourceDeleteSuccess', CLUSTER, { kind: 'deleted' }],
    ['a pool upgraded', 'ResourceActionSuccess', `${CLUSTER}/agentPools/Kata`, { kind: 'changed', nodePool: 'kata' }],
    ['a pool deleted, which is a change of its cluster', 'ResourceDeleteSuccess', `${CLUSTER}/agentPools/kata`, { kind: 'changed' }],
    ['an id in another case', 'ResourceWriteSuccess', CLUSTER.toUpperCase(), { kind: 'changed' }],
  ])('is read from the subscription: %s', (_, type, uri, expected) => {
    expect(parseClusterEvent(resourceEvent(type, uri))).toMatchObject({ clusterId: CANONICAL, ...expected });
  });

  it.each([
    ['ContainerServiceEventResources.ScheduledEventEmitted', `${CLUSTER}/scheduledEvents/x1`, 'changed'],
    ['Resources.CreatedOrUpdated', CLUSTER, 'changed'],
    ['Resources.Deleted', CLUSTER, 'deleted'],
  ])('is read from resource notifications: %s', (type, id, kind) => {
    const event = {
      id: 'e3',
      source: `/subscriptions/${SUB}`,
      subject: id,
      type: `Microsoft.ResourceNotifications.${type}`,
      specversion: '1.0',
      time: AT,
      data: { resourceInfo: { id, properties: { eventDetails: { any: 'shape' } } } },
    };

    expect(parseClusterEvent(event)).toMatchObject({ clusterId: CANONICAL, kind });
  });

  it('keeps nothing of the people whom the original names', () => {
    expect(JSON.stringify(parseClusterEvent(resourceEvent('ResourceWriteSuccess', CLUSTER)))).not.toMatch(/someone|192\.0/);
  });

  it.each([
    ['of another resource', resourceEvent('ResourceWriteSuccess', `/subscriptions/${SUB}/resourceGroups/rg/providers/X.Y/z/a`)],
    ['of another type', aksEvent('SomethingNew', {})],
  ])('is let go when it is %s', (_, event) => {
    expect(parseClusterEvent(event)).toHaveProperty('irrelevant');
  });

  it.each([
    ['nothing', undefined, /event:/],
    ['a text', 'hello', /event:/],
    ['no id', { ...aksEvent('NodePoolRollingStarted', { nodePoolName: 'kata' }), id: undefined }, /^id:/],
    ['no pool', aksEvent('NodePoolRollingStarted', {}), /data\.nodePoolName/],
    ['a topic that is no cluster', { ...aksEvent('ClusterSupportEnded', {}), topic: '/subscriptions/x' }, /source: expected the ARM id/],
    ['a time that is none', { ...aksEvent('ClusterSupportEnded', {}), eventTime: 'yesterday' }, /^eventTime:/],
  ])('says what is wrong with %s', (_, event, problem) => {
    expect(parseClusterEvent(event)).toMatchObject({ malformed: expect.arrayContaining([expect.stringMatching(problem)]) });
  });
});

describe('what an event leaves behind', () => {
  const pool: NodePool = {
    name: 'Kata',
    mode: 'User',
    count: 1,
    vmSize: 'Standard_D4s_v5',
    osType: 'Linux',
    provisioningState: 'Succeeded',
    enableFips: false,
    secureBoot: false,
    vtpm: false,
  };
  const notice = (kind: 'rolling-started' | 'rolling-succeeded' | 'rolling-failed') => {
    const made = noticeOf({ id: 'e', clusterId: CANONICAL, kind, nodePool: 'kata', at: '2026-11-20T18:00:00.000Z' });
    return made === undefined ? [] : [made];
  };

  it.each([
    ['one that started a minute ago', notice('rolling-started'), '2026-11-20T18:01:00.000Z', { inTransition: true }],
    ['one that started just under a day ago', notice('rolling-started'), '2026-11-21T17:59:59.999Z', { inTransition: true }],
    ['one that failed', notice('rolling-failed'), '2026-11-22T00:00:00.000Z', { rollFailedAt: '2026-11-20T18:00:00.000Z' }],
  ])('marks the pool of a roll: %s', (_, notices, now, expected) => {
    expect(withNotices(pool, notices, now)).toEqual({ ...pool, ...expected });
  });

  it.each([
    ['a roll of a day ago, whose end was lost', notice('rolling-started'), '2026-11-21T18:00:00.000Z'],
    ['a roll that succeeded', notice('rolling-succeeded'), '2026-11-20T18:01:00.000Z'],
    ['no notice', [], '2026-11-20T18:01:00.000Z'],
  ])('leaves the pool as it is after %s', (_, notices, now) => {
    expect(withNotices(pool, notices, now)).toEqual(pool);
  });

  it('is nothing for a plain change, which a look tells whole', () => {
    expect(noticeOf({ id: 'e', clusterId: CANONICAL, kind: 'changed', at: '2026-11-20T18:00:00.000Z' })).toBeUndefined();
  });

  it.each([
    ['support-ending', 'ending'],
    ['support-ended', 'ended'],
  ] as const)('tells of %s in the cluster settings', (kind, state) => {
    const settings: ClusterSettings = {
      kubernetesVersion: '1.30.1',
      powerState: 'Running',
      provisioningState: 'Succeeded',
      privateCluster: false,
      entraIntegrated: true,
      azureRbac: true,
      localAccountsDisabled: false,
    };
    const made = noticeOf({ id: 'e', clusterId: CANONICAL, kind, at: '2026-11-20T18:00:00.000Z' });

    expect(withSupport(settings, made === undefined ? [] : [made]).supportNotice).toEqual({ state, at: '2026-11-20T18:00:00.000Z' });
    expect(withSupport(settings, [])).toEqual(settings);
  });
});
