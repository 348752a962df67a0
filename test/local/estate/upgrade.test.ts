import { describe, expect, test } from 'vitest';
import { parseClusterEvent } from '../../../shared/domain/snapshot/event.ts';
import { defaultEstate } from '../../../shared/local/estate/default-estate.ts';
import { checkEstate, clusterNamed } from '../../../shared/local/estate/model.ts';
import { upgradeNodePool } from '../../../shared/local/estate/upgrade.ts';
import { judged, planted } from './verdicts.ts';

const NOW = new Date('2026-09-01T12:00:00.000Z');
const estate = defaultEstate('upgrade test', NOW);
const upgrade = { cluster: 'pay-prod-neu', nodePool: 'kata', at: NOW } as const;

describe('an upgrade of a simulated node pool', () => {
  test.each(['event-grid', 'cloud-events'] as const)('emits the same events as Azure, in order, in the %s schema', (schema) => {
    const events = upgradeNodePool(estate, { ...upgrade, schema }).flatMap(({ event }) => (event === undefined ? [] : [event]));
    const read = events.map(parseClusterEvent);
    expect(read).toMatchObject([
      { kind: 'changed', nodePool: 'kata' },
      { kind: 'rolling-started', nodePool: 'kata' },
      { kind: 'rolling-succeeded', nodePool: 'kata' },
      { kind: 'changed', nodePool: 'kata' },
    ]);
    const told = read.flatMap((event) => ('clusterId' in event ? [event] : []));
    expect(new Set(told.map(({ id }) => id)).size).toBe(4);
    expect(new Set(told.map(({ clusterId }) => clusterId)).size).toBe(1);
    expect(told.map(({ at }) => at)).toEqual(told.map(({ at }) => at).toSorted());
  });

  test('replaces one node after another, and the pool shows it only at the end', () => {
    const steps = upgradeNodePool(estate, upgrade).map((step) => clusterNamed(checkEstate(step.estate, 'a step'), 'pay-prod-neu'));
    const pools = steps.map(({ nodePools }) => nodePools.find(({ name }) => name === 'kata'));
    const latest = pools[0]?.latestNodeImageVersion;
    const done = steps.map(({ nodes }) => nodes.filter((node) => node.nodePool === 'kata' && node.nodeImageVersion === latest).length);
    expect(done).toEqual([0, 0, 1, 2, 3, 4, 4, 4]);
    expect(pools.map((pool) => pool?.provisioningState)).toEqual([
      'Succeeded',
      ...Array(5).fill('UpgradingNodeImageVersion'),
      'Succeeded',
      'Succeeded',
    ]);
    expect(pools.map((pool) => pool?.nodeImageVersion === latest)).toEqual([...Array(6).fill(false), true, true]);
  });

  test.each([
    ['of a stale pool', { ...upgrade }],
    ['of a pool that is too old for support', { ...upgrade, nodePool: 'kataold' }],
    ['of a pool that fails halfway', { ...upgrade, fails: true }],
    ['of a pool with a frozen image family, which changes nothing', { ...upgrade, cluster: 'data-prod-eus', nodePool: 'katalegacy' }],
    ['of a pool whose nodes differ', { ...upgrade, cluster: 'data-batch-cus', nodePool: 'kata' }],
    ['of a pool that had failed', { ...upgrade, cluster: 'lab-pools-weu', nodePool: 'katafailed' }],
    ['of a pool whose nodes are not ready', { ...upgrade, cluster: 'lab-pools-weu', nodePool: 'katadown' }],
    ['of a Kata pool with a plain image', { ...upgrade, cluster: 'hub-plain-weu', nodePool: 'katablank' }],
    ['of a pool that is already upgrading', { ...upgrade, cluster: 'lab-pools-weu', nodePool: 'katarolling' }],
    ['of an ordinary pool', { ...upgrade, nodePool: 'apps' }],
  ])('%s plants at every step exactly what an audit then finds', (_, one) => {
    for (const step of upgradeNodePool(estate, one)) expect(judged(step.estate).toSorted()).toEqual(planted(step.estate).toSorted());
  });

  test('fixes only the planted fault of its pool', () => {
    const last = upgradeNodePool(estate, upgrade).at(-1)?.estate;
    const left = clusterNamed(last ?? estate, 'pay-prod-neu').plantedFaults;
    const before = clusterNamed(estate, 'pay-prod-neu').plantedFaults;
    expect(before.filter((fault) => !left.includes(fault))).toMatchObject([{ ruleId: 'node-image-current', subject: { name: 'kata' } }]);
  });

  test('that fails leaves half of the nodes and reports it', () => {
    const last = upgradeNodePool(estate, { ...upgrade, fails: true }).at(-1);
    expect(parseClusterEvent(last?.event)).toMatchObject({ kind: 'rolling-failed' });
    const { nodes, nodePools } = clusterNamed(last?.estate ?? estate, 'pay-prod-neu');
    const pool = nodePools.find(({ name }) => name === 'kata');
    expect(pool?.provisioningState).toBe('Failed');
    expect(nodes.filter((node) => node.nodeImageVersion === pool?.latestNodeImageVersion && node.nodePool === 'kata')).toHaveLength(2);
  });

  test('of a pool that does not exist is refused', () => {
    expect(() => upgradeNodePool(estate, { ...upgrade, nodePool: 'none' })).toThrow('has no node pool none');
    expect(() => upgradeNodePool(estate, { ...upgrade, cluster: 'none' })).toThrow('no cluster named none');
  });
});
