import { describe, expect, test } from 'vitest';
import { defaultEstate } from '../../../shared/local/estate/default-estate.ts';
import { checkEstate, type Estate, parseEstate } from '../../../shared/local/estate/model.ts';
import { plantedFaults } from '../../../shared/local/estate/planted-faults.ts';

const NOW = new Date('2026-09-01T12:00:00.000Z');
const estate = defaultEstate('kataudit', NOW);
const clusters = estate.subscriptions.flatMap((subscription) => subscription.clusters);

describe('the default estate', () => {
  test('is valid, and the same after it is written to a file', () => {
    expect(checkEstate(estate, 'the default estate')).toEqual(estate);
    expect(parseEstate(JSON.stringify(estate), 'a file')).toEqual(estate);
  });

  test('is large enough to be worth an audit', () => {
    const pods = clusters.flatMap(({ workloads, nodes }) =>
      workloads.map(({ kind, replicas }) => (kind === 'DaemonSet' ? nodes.length : replicas)),
    );
    expect(estate.subscriptions.length).toBeGreaterThanOrEqual(3);
    expect(clusters.length).toBeGreaterThanOrEqual(12);
    expect(clusters.flatMap(({ nodePools }) => nodePools).length).toBeGreaterThanOrEqual(40);
    expect(pods.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(3_000);
  });

  test('depends only on its seed and the time', () => {
    expect(defaultEstate('kataudit', NOW)).toEqual(estate);
    expect(defaultEstate('other', NOW).subscriptions[0]?.id).not.toBe(estate.subscriptions[0]?.id);
  });

  test('plants faults only on subjects that exist', () => {
    const subjects = (cluster: Estate['subscriptions'][number]['clusters'][number]) =>
      new Set([
        ...cluster.nodePools.map(({ name }) => `node-pool/${name}`),
        ...cluster.nodes.map(({ name }) => `node/${name}`),
        ...cluster.workloads.map(({ namespace, kind, name }) => `workload/${namespace}/${kind}/${name}`),
      ]);
    const dangling = clusters.flatMap((cluster) =>
      cluster.plantedFaults.filter(({ subject }) => {
        const known = subjects(cluster);
        if (subject.kind === 'node-pool' || subject.kind === 'node') return !known.has(`${subject.kind}/${subject.name}`);
        if (subject.kind === 'workload') return !known.has(`workload/${subject.namespace}/${subject.ownerKind}/${subject.ownerName}`);
        return false;
      }),
    );
    expect(dangling).toEqual([]);
    expect(plantedFaults(estate).length).toBeGreaterThan(10);
  });

  test('has at least one cluster of every kind that matters', () => {
    const has = (test: (cluster: (typeof clusters)[number]) => boolean) => clusters.some(test);
    expect(has(({ plantedFaults }) => plantedFaults.length === 0)).toBe(true);
    expect(has(({ powerState }) => powerState === 'Stopped')).toBe(true);
    expect(has(({ network }) => network === 'private')).toBe(true);
    expect(has(({ entraId }) => !entraId)).toBe(true);
    expect(has(({ throttle }) => throttle !== undefined)).toBe(true);
    expect(has(({ nodes }) => nodes.some(({ karpenterNodePool }) => karpenterNodePool !== undefined))).toBe(true);
    expect(has(({ nodePools }) => nodePools.some(({ workloadRuntime }) => workloadRuntime === 'KataMshvVmIsolation'))).toBe(true);
  });
});

describe('a written estate', () => {
  test('with several mistakes is refused with all of them', () => {
    const wrong = structuredClone(estate);
    const [first] = wrong.subscriptions;
    const [cluster] = first?.clusters ?? [];
    if (first === undefined || cluster === undefined) throw new Error('expected a first cluster');
    cluster.kubernetesVersion = 'latest';

    expect(() => checkEstate(wrong, 'my.json')).toThrow(
      /my\.json is not an estate:\n.*kubernetesVersion: expected a version such as 1\.34\.2/,
    );
  });

  test('that is not JSON is refused by name', () => {
    expect(() => parseEstate('{', 'my.json')).toThrow(/^my\.json is not JSON/);
  });
});
