import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAzureEstate } from '../../../shared/azure/estate/azure-estate.ts';
import { plannedUpgrade } from '../../../shared/domain/maintenance/planned-upgrade.ts';
import { DEFAULT_POLICY } from '../../../shared/domain/policy/policy.ts';
import { evaluate } from '../../../shared/domain/rule/evaluate.ts';
import { parseClusterEvent } from '../../../shared/domain/snapshot/event.ts';
import { observe, observed, unavailable } from '../../../shared/domain/snapshot/observation.ts';
import type { ClusterSnapshot } from '../../../shared/domain/snapshot/snapshot.ts';
import { subjectKey } from '../../../shared/domain/snapshot/subject.ts';
import { toNode } from '../../../shared/kubernetes/objects.ts';
import { nodeJson } from '../../../shared/kubernetes/wire/json.ts';
import { createMemoryStorage } from '../../../shared/memory/storage.ts';
import type { ListedCluster } from '../../../shared/ports/azure-estate.ts';
import { RULES } from '../../../shared/rules/index.ts';
import { heardOfCluster } from '../../../shared/usecases/heard-of-cluster.ts';
import { reactToEvent } from '../../../shared/usecases/react-to-event.ts';
import { aSnapshot } from '../../support/a-snapshot.ts';
import { type ArmServer, startArmServer } from '../support/arm-server.ts';
import { reach } from '../support/reach.ts';

/*
 * Answers and events in Azure's format, based on public recordings, issues and documents, with invented names and ids. Each of them once
 * affected more than itself.
 */
const FOLDER = join(import.meta.dirname, '../fixtures/answers');
const recorded = (name: string) => JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'));

const NOW = '2026-11-30T12:00:00.000Z';
const SUBSCRIPTION = '11111111-2222-3333-4444-555555555555';
const idOf = (name: string) =>
  `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg-${name}/providers/microsoft.containerservice/managedclusters/${name}`;
const signal = AbortSignal.timeout(60_000);
let server: ArmServer;
beforeAll(async () => {
  server = await startArmServer();
});
afterAll(() => server.stop());

const estate = () => createAzureEstate({ ...reach(server), clock: () => new Date(NOW) });
async function read(name: string, cluster: string): Promise<ListedCluster> {
  server.reply({ body: recorded(name) });
  return estate().getCluster(idOf(cluster), signal);
}

/** The verdicts of one rule for Azure's answer, by subject, without any Kubernetes evidence. */
function verdicts(ruleId: string, { settings, nodePools, cluster }: ListedCluster, over: Partial<ClusterSnapshot> = {}) {
  const blind = unavailable('denied', 'Forbidden.');
  const snapshot = aSnapshot({
    cluster,
    observedAt: NOW,
    settings: observed(settings),
    nodePools,
    latestImages: observed([]),
    nodes: blind,
    runtimeClasses: blind,
    namespaces: blind,
    workloads: blind,
    ...over,
  });
  const [run] = evaluate(
    snapshot,
    RULES.filter(({ id }) => id === ruleId),
    DEFAULT_POLICY,
  );
  return run?.state === 'judged' ? run.judgements.map((one) => ({ ...one, subject: subjectKey(one.subject) })) : [];
}

describe('a recorded cluster', () => {
  it('with hosted system pools has no pools of its own and no unread fields', async () => {
    const { nodePools, settings } = await read('hosted-system-get', 'hosted');
    expect(nodePools).toEqual(observed([]));
    expect(settings).toMatchObject({ nodeProvisioning: 'Auto', kubernetesVersion: '1.34.2' });
    expect(settings.unread).toBeUndefined();
  });

  it('with hosted system pools does not hide other clusters of the list', async () => {
    server.reply({ body: recorded('hosted-system-list') });
    const { clusters, incomplete } = await estate().listClusters(SUBSCRIPTION, signal);
    expect(clusters.map(({ name }) => name)).toEqual(['good', 'hosted']);
    expect(incomplete).toBeUndefined();
  });

  it('with a virtual machines pool of zero nodes gets its count and size from the profile', async () => {
    const { nodePools } = await read('vms-pool-at-zero-get', 'vmszero');
    if (nodePools.state === 'unavailable') throw new Error(nodePools.reason.message);
    const [kata, vms] = nodePools.value;
    expect(kata).toMatchObject({ name: 'kata', count: 1, vmSize: 'Standard_D4s_v5' });
    expect(vms).toMatchObject({ name: 'vmspool', count: 0, vmSize: expect.stringMatching(/^standard_/i) });
    expect([kata?.unread, vms?.unread]).toEqual([undefined, undefined]);
  });

  it('with a pool managed by AKS gets no command that AKS refuses', async () => {
    const listed = await read('managed-system-pool', 'msys');
    for (const rule of ['node-image-current', 'node-image-supported', 'node-image-consistent']) {
      const judged = verdicts(rule, listed, { nodes: observed([]) }).find(({ subject }) => subject === 'node-pool/msnp');
      expect(judged).toMatchObject({ verdict: 'not-applicable', message: expect.stringContaining('AKS manages this pool') });
      expect(judged).not.toHaveProperty('commands');
    }
  });
});

describe('a recorded answer about a pool', () => {
  it('that offers an image of another variant is an upgrade', async () => {
    const { pool, upgradeProfile } = recorded('variant-differs');
    const answer = { ...recorded('hosted-system-get'), properties: { agentPoolProfiles: [pool] } };
    server.reply({ body: answer }, { body: upgradeProfile });
    const azure = estate();
    const listed = await azure.getCluster(idOf('hosted'), signal);
    const image = await observe(() => azure.latestNodeImage(listed, 'u22', signal));
    const [judged] = verdicts('node-image-current', listed, { latestImages: observed([{ nodePool: 'u22', image }]) });
    expect(judged).toMatchObject({
      verdict: 'fail',
      message: expect.stringMatching(/is \d+ days behind AKSUbuntu-2404gen2containerd-202611\.21\.0\. The variant differs/),
    });
  });

  it('that refuses the upgrade profile is a gap of the cluster', async () => {
    const listed = await read('vms-pool-at-zero-get', 'vmszero');
    const { status, body } = recorded('upgrade-profile-denied');
    server.reply({ status, body });
    const image = await observe(() => estate().latestNodeImage(listed, 'kata', signal));
    expect(image).toMatchObject({
      state: 'unavailable',
      reason: { code: 'denied', message: expect.stringContaining('upgradeProfiles/read') },
    });
    const [assessed] = verdicts('cluster-assessed', listed, { latestImages: observed([{ nodePool: 'kata', image }]) });
    expect(assessed).toMatchObject({ verdict: 'fail', facts: { parts: expect.arrayContaining(['latestImages']) } });
  });

  it('that is refused by a lock names the lock, and not an unfinished operation', async () => {
    const { status, body } = recorded('scope-locked');
    server.reply({ status, body });
    const refused = await observe(() => estate().getCluster(idOf('lock'), signal));
    expect(refused).toMatchObject({ reason: { code: 'denied', message: expect.stringContaining('A read-only lock is on the resource') } });
  });

  it('names the unknown part of a quarterly window, and when it opens', async () => {
    const listed = await read('vms-pool-at-zero-get', 'vmszero');
    server.reply({ body: recorded('docs-window-every-three-months') });
    const configurations = await estate().maintenanceConfigurations(listed, signal);
    const planned = plannedUpgrade({ ...listed.settings, nodeOsUpgradeChannel: 'NodeImage' }, configurations, NOW);
    expect(JSON.stringify(planned)).not.toMatch(/"state":"unavailable"/);
    expect(JSON.stringify(planned)).toMatch(
      /Azure does not define how to interpret it: it opens 2027-02-01T17:00:00Z or 2027-01-01T17:00:00Z/,
    );
  });
});

describe('recorded nodes', () => {
  it('that belong to no listed pool are judged individually', () => {
    const { armPools, nodes } = recorded('nodes-outside-listed-pools');
    const pools = observed(armPools.map((name: string) => ({ name, nodeImageVersion: 'AKSAzureLinux-V3katagen2-202611.21.0' })));
    const listed = { ...aSnapshot(), settings: { powerState: 'Running' }, nodePools: pools };
    const seen = observed<ReturnType<typeof toNode>[]>(nodes.map((node: unknown) => toNode(nodeJson.parse(node))));
    const judged = verdicts('node-image-supported', listed, { nodes: seen });
    expect(judged.map(({ subject, verdict }) => [subject, verdict])).toEqual([
      ['node-pool/nodepool1', 'pass'],
      ['node/ghost1', 'fail'],
      ['node/other1', 'fail'],
    ]);
  });
});

describe('a recorded event', () => {
  /** The state of the cluster in a scan some minutes after the event. */
  async function heard(name: string, minutes: number, receivedAt = NOW): Promise<ListedCluster> {
    const storage = createMemoryStorage();
    const [delivered] = recorded(name);
    const event = parseClusterEvent(delivered);
    if (!('kind' in event)) throw new Error(JSON.stringify(event));
    const { events, messages } = storage;
    await reactToEvent({ events, messages, settleSeconds: 0, clock: () => new Date(receivedAt) }, event);
    const listed = await read('hosted-system-get', 'hosted');
    const pool = { name: 'kata', provisioningState: 'Succeeded', nodeImageVersion: 'AKSAzureLinux-V3katagen2-202608.20.0' };
    const good = {
      ...listed,
      cluster: { ...listed.cluster, id: event.clusterId },
      nodePools: observed([pool, { ...pool, name: 'nodepool1' }]),
    };
    return heardOfCluster(events, good, new Date(Date.parse(receivedAt) + minutes * 60_000).toISOString());
  }

  it.each([
    ['a failed upgrade, once Azure reports that the pool succeeded', 'roll-failed', '2026-11-22T00:01:00.000Z'],
    ['the end of support of a version that the cluster no longer runs', 'support-ended-of-another-version', '2023-03-29T18:01:00.000Z'],
    ['an upgrade that a wrong clock dates in the future', 'roll-started-in-the-future', NOW],
  ])('ends: %s', async (_, name, receivedAt) => {
    const { settings, nodePools } = await heard(name, 20, receivedAt);
    expect(settings.supportNotice).toBeUndefined();
    expect(JSON.stringify(nodePools)).not.toMatch(/rollFailedAt|inTransition/);
  });

  it.each([
    ['a failed upgrade', 'roll-failed', 'rollFailedAt'],
    ['an upgrade, whatever clock dated it', 'roll-started-in-the-future', 'inTransition'],
  ])('counts at first: %s', async (_, name, said) => {
    expect(JSON.stringify((await heard(name, 1, '2026-11-22T00:01:00.000Z')).nodePools)).toContain(said);
  });
});
