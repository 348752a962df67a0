import { afterEach, describe, expect, it } from 'vitest';
import { createAzureEstate } from '../../shared/azure/azure-estate.ts';
import { staticToken } from '../../shared/azure/credential.ts';
import { clusterId } from '../../shared/local/estate/cluster-id.ts';
import { scaleEstate } from '../../shared/local/estate/scale-estate.ts';
import { type RunningEstate, startEstate } from '../../shared/local/estate/server.ts';

let running: RunningEstate | undefined;
afterEach(() => running?.stop());

const clock = () => new Date();
const signal = () => AbortSignal.timeout(60_000);

/** One process: its own credential object, so its own reckoning of the budgets. */
const aProcess = ({ armEndpoint, caPem, token }: RunningEstate) =>
  createAzureEstate({ credential: staticToken(token), armEndpoint, tlsOptions: { ca: caPem }, clock });

async function start(clusters: number) {
  const estate = scaleEstate({ clusters, poolsPerCluster: 2, podsPerCluster: 0, subscriptions: 1 }, 'budgets', clock());
  running = await startEstate(estate, { enforceBudgets: true });
  return { running, ids: estate.subscriptions.flatMap(({ id, clusters: all }) => all.map((cluster) => clusterId(id, cluster))) };
}

describe('a server that enforces the published budgets', () => {
  it('never has to turn a process away that reads 280 clusters at once', async () => {
    const { running: estate, ids } = await start(280);
    const azure = aProcess(estate);
    const began = performance.now();

    const listed = await Promise.all(ids.map((id) => azure.getCluster(id, signal())));

    expect(listed).toHaveLength(280);
    expect(estate.budgetOverruns).toBe(0);
    // 225 at once, the rest at 25 a second: neither slower than that by much, nor faster.
    expect(performance.now() - began).toBeGreaterThan(2_000);
  });

  it('delays five processes that know nothing of each other, and fails none', async () => {
    const { running: estate, ids } = await start(70);
    const all = Array.from({ length: 5 }, () => aProcess(estate));

    const outcomes = await Promise.allSettled(all.flatMap((azure) => ids.map((id) => azure.getCluster(id, signal()))));

    expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([]);
    expect(estate.budgetOverruns).toBeGreaterThan(0);
  });
});
