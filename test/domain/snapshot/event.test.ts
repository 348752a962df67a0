import { describe, expect, it } from 'vitest';
import { parseClusterEvent } from '../../../shared/domain/snapshot/event.ts';

const SUB = '11111111-2222-4333-8444-555555555555';
const CLUSTER = `/subscriptions/${SUB}/resourceGroups/RG/providers/Microsoft.ContainerService/managedClusters/Prod`;
const CANONICAL = `/subscriptions/${SUB}/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/prod`;
const AT = '2026-11-20T18:00:00.0000000Z';

/** The formats of Azure/azure-rest-api-specs, specification/eventgrid/data-plane/Microsoft.ContainerService, examples. */
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

const notification = (data: unknown, subject: string, type = 'Resources.Deleted') => ({
  id: 'e3',
  source: `/subscriptions/${SUB}`,
  subject,
  type: `Microsoft.ResourceNotifications.${type}`,
  specversion: '1.0',
  time: AT,
  data,
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
    const expected = { id: expect.stringMatching(/^[0-9a-f]{32}$/), clusterId: CANONICAL, kind, at: '2026-11-20T18:00:00.000Z' };

    expect(parseClusterEvent(event)).toMatchObject(expected);
    expect(parseClusterEvent(asCloudEvent(event))).toEqual(parseClusterEvent(event));
  });

  it.each([
    ['a cluster written', 'ResourceWriteSuccess', CLUSTER, { kind: 'changed' }],
    ['a cluster deleted', 'ResourceDeleteSuccess', CLUSTER, { kind: 'deleted' }],
    ['a pool upgraded', 'ResourceActionSuccess', `${CLUSTER}/agentPools/Kata`, { kind: 'changed', nodePool: 'kata' }],
    ['a pool deleted, which is a change of its cluster', 'ResourceDeleteSuccess', `${CLUSTER}/agentPools/kata`, { kind: 'changed' }],
    [
      'a child deleted, which is a change of its cluster',
      'ResourceDeleteSuccess',
      `${CLUSTER}/maintenanceConfigurations/default`,
      { kind: 'changed' },
    ],
    ['a connection deleted', 'ResourceDeleteSuccess', `${CLUSTER}/privateEndpointConnections/x`, { kind: 'changed' }],
    ['a child of a pool deleted', 'ResourceDeleteSuccess', `${CLUSTER}/agentPools/kata/machines/m`, { kind: 'changed', nodePool: 'kata' }],
    ['an id in another case', 'ResourceWriteSuccess', CLUSTER.toUpperCase(), { kind: 'changed' }],
  ])('is read from the subscription: %s', (_, type, uri, expected) => {
    expect(parseClusterEvent(resourceEvent(type, uri))).toMatchObject({ clusterId: CANONICAL, ...expected });
  });

  it.each([
    ['ContainerServiceEventResources.ScheduledEventEmitted', `${CLUSTER}/scheduledEvents/x1`, 'changed'],
    ['Resources.CreatedOrUpdated', CLUSTER, 'changed'],
    ['Resources.Deleted', CLUSTER, 'deleted'],
  ])('is read from resource notifications: %s', (type, id, kind) => {
    const event = notification({ resourceInfo: { id, properties: { eventDetails: { any: 'shape' } } } }, id, type);

    expect(parseClusterEvent(event)).toMatchObject({ clusterId: CANONICAL, kind });
  });

  it('keeps nothing about the people in the original', () => {
    expect(JSON.stringify(parseClusterEvent(resourceEvent('ResourceWriteSuccess', CLUSTER)))).not.toMatch(/someone|192\.0/);
  });

  it.each([
    [
      'the version that an event of support names',
      aksEvent('ClusterSupportEnded', { kubernetesVersion: '1.30.1' }),
      { kubernetesVersion: '1.30.1' },
    ],
    ['the pool that rolls', aksEvent('NodePoolRollingStarted', { nodePoolName: 'Kata-1' }), { nodePool: 'Kata-1' }],
    [
      'the cluster of the subject, where no resource is named',
      { ...resourceEvent('ResourceDeleteSuccess', CLUSTER), data: {} },
      { kind: 'deleted' },
    ],
    [
      'the cluster of the resource that is named, whatever the subject is',
      { ...resourceEvent('ResourceDeleteSuccess', CLUSTER), subject: `/subscriptions/${SUB}` },
      { kind: 'deleted' },
    ],
    [
      'the cluster of the subject, where the resource is no text',
      { ...resourceEvent('ResourceDeleteSuccess', CLUSTER), data: { resourceUri: 7 } },
      { kind: 'deleted' },
    ],
    [
      'the cluster that a notification names, whatever its subject is',
      notification({ resourceInfo: { id: CLUSTER } }, '/x'),
      { kind: 'deleted' },
    ],
    ['the cluster of the subject of a notification that names none', notification({}, CLUSTER), { kind: 'deleted' }],
    ['the deletion of a cluster whose id ends with a slash', resourceEvent('ResourceDeleteSuccess', `${CLUSTER}//`), { kind: 'deleted' }],
    ['an action on a cluster', resourceEvent('ResourceActionSuccess', CLUSTER), { kind: 'changed' }],
    [
      'a type in capitals',
      { ...aksEvent('ClusterSupportEnded', {}), eventType: 'MICROSOFT.CONTAINERSERVICE.CLUSTERSUPPORTENDED' },
      { kind: 'support-ended' },
    ],
    [
      'a time of another zone',
      { ...aksEvent('ClusterSupportEnded', {}), eventTime: '2026-11-20T20:00:00+02:00' },
      { at: '2026-11-20T18:00:00.000Z' },
    ],
  ])('tells %s', (_, event, expected) => {
    expect(parseClusterEvent(event)).toMatchObject({ clusterId: CANONICAL, ...expected });
  });

  it('of support or of a new version tells no more than it says', () => {
    for (const kubernetesVersion of ['1', 'x'.repeat(100)])
      expect(parseClusterEvent(aksEvent('ClusterSupportEnded', { kubernetesVersion }))).toMatchObject({ kubernetesVersion });
    expect(parseClusterEvent(aksEvent('ClusterSupportEnded', { kubernetesVersion: '' }))).not.toHaveProperty('kubernetesVersion');
    expect(parseClusterEvent(aksEvent('ClusterSupportEnded', { kubernetesVersion: 'x'.repeat(101) }))).not.toHaveProperty(
      'kubernetesVersion',
    );
    const fresh = parseClusterEvent(aksEvent('NewKubernetesVersionAvailable', { kubernetesVersion: '1.36.0', nodePoolName: 'x' }));
    expect(Object.keys(fresh).toSorted()).toEqual(['at', 'clusterId', 'id', 'kind']);
  });

  it('has the id of its sender as a digest, the same for the same and another for another', () => {
    const of = (id: string) => parseClusterEvent({ ...aksEvent('ClusterSupportEnded', {}), id });
    expect(of('a')).toEqual(of('a'));
    expect(of('a')).not.toEqual(of('b'));
    expect([of('x'.repeat(256)), of('x'.repeat(257)), of('')].map((read) => 'malformed' in read)).toEqual([false, true, true]);
  });

  it.each(['a b', 'a/b', '-a', 'a\n', '\na', 'x'.repeat(64), ''])('has no pool of the name %j, which no key takes', (nodePoolName) => {
    expect(parseClusterEvent(aksEvent('NodePoolRollingStarted', { nodePoolName }))).toMatchObject({
      malformed: ['data.nodePoolName: expected the name of a node pool'],
    });
  });

  it('that is not about a cluster shows no text of a stranger as it is', () => {
    const read = parseClusterEvent({ ...aksEvent('x', {}), eventType: `a\u001b"${'x'.repeat(300)}` });
    expect(read).toEqual({ irrelevant: expect.stringMatching(/^events of type "a\ufffd\\"x{196}…" are not about a cluster$/) });
  });

  it.each([
    ['of another resource', resourceEvent('ResourceWriteSuccess', `/subscriptions/${SUB}/resourceGroups/rg/providers/X.Y/z/a`)],
    ['of another type', aksEvent('SomethingNew', {})],
  ])('is ignored when it is %s', (_, event) => {
    expect(parseClusterEvent(event)).toHaveProperty('irrelevant');
  });

  it.each([
    ['nothing', undefined, /event:/],
    ['a text', 'hello', /event:/],
    ['no id', { ...aksEvent('NodePoolRollingStarted', { nodePoolName: 'kata' }), id: undefined }, /^id:/],
    ['no pool', aksEvent('NodePoolRollingStarted', {}), /data\.nodePoolName/],
    ['a topic that is not a cluster', { ...aksEvent('ClusterSupportEnded', {}), topic: '/subscriptions/x' }, /source: expected the ARM id/],
    ['an invalid time', { ...aksEvent('ClusterSupportEnded', {}), eventTime: 'yesterday' }, /^eventTime:/],
  ])('reports what is wrong with %s', (_, event, problem) => {
    expect(parseClusterEvent(event)).toMatchObject({ malformed: expect.arrayContaining([expect.stringMatching(problem)]) });
  });
});
