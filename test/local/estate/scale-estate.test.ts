import { expect, test } from 'vitest';
import { checkEstate } from '../../../shared/local/estate/model.ts';
import { plantedFaults } from '../../../shared/local/estate/planted-faults.ts';
import { scaleEstate } from '../../../shared/local/estate/scale-estate.ts';
import { startEstate } from '../../../shared/local/estate/server.ts';
import { ask, readKubeconfig } from './client.ts';

const NOW = new Date('2026-09-01T12:00:00.000Z');

test('an estate of any size has the requested number of clusters, pools and pods', () => {
  const estate = checkEstate(scaleEstate({ clusters: 120, poolsPerCluster: 5, podsPerCluster: 210 }, 'scale', NOW), 'the scaled estate');
  const clusters = estate.subscriptions.flatMap((one) => one.clusters);
  expect(estate.subscriptions).toHaveLength(3);
  expect(clusters).toHaveLength(120);
  for (const { nodePools, workloads } of clusters) {
    expect(nodePools).toHaveLength(5);
    const own = workloads.filter(({ namespace }) => namespace !== 'kube-system');
    expect(own.reduce((sum, { replicas }) => sum + replicas, 0)).toBe(210);
  }
  expect(plantedFaults(estate)).toHaveLength(24);
});

test('a large estate is served from one process', async () => {
  const estate = scaleEstate({ clusters: 300, poolsPerCluster: 2, podsPerCluster: 25 }, 'scale', NOW);
  const running = await startEstate(estate, { pageSize: 100 });
  try {
    const names = estate.subscriptions.flatMap((one) => one.clusters.map(({ name }) => name));
    const servers = names.map((name) => readKubeconfig(running.kubeconfigFor(name)).server);
    expect(new Set(servers).size).toBe(300);
    for (const server of [servers[0], servers[299]]) expect((await ask(running, `${server}/version`)).status).toBe(200);
  } finally {
    await running.stop();
  }
});
