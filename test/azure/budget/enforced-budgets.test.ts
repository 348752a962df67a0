import { afterEach, describe, expect, it } from 'vitest';
import { staticToken } from '../../../shared/azure/client/credential.ts';
import { createAzureEstate } from '../../../shared/azure/estate/azure-estate.ts';
import { clusterCredential } from '../../../shared/azure/estate/cluster-credential.ts';
import { clusterId } from '../../../shared/local/estate/cluster-id.ts';
import type { EstateCluster } from '../../../shared/local/estate/model.ts';
import { scaleEstate } from '../../../shared/local/estate/scale-estate.ts';
import { type RunningEstate, startEstate } from '../../../shared/local/estate/server.ts';

let running: RunningEstate | undefined;
afterEach(() => running?.stop());

const clock = () => new Date();
const signal = () => AbortSignal.timeout(110_000);

/** The options of one process: its own credential object, and so its own estimate of the budgets. */
const optionsFor = ({ armEndpoint, caPem, token }: RunningEstate) => ({
  credential: staticToken(token),
  armEndpoint,
  tlsOptions: { ca: caPem },
  clock,
});
const aProcess = (estate: RunningEstate) => createAzureEstate(optionsFor(estate));

async function start(clusters: number) {
  const spread = scaleEstate({ clusters, poolsPerCluster: 2, podsPerCluster: 0, subscriptions: 1 }, 'budgets', clock());
  const together = (cluster: EstateCluster) => ({ ...cluster, location: 'westeurope' });
  const estate = { ...spread, subscriptions: spread.subscriptions.map((one) => ({ ...one, clusters: one.clusters.map(together) })) };
  running = await startEstate(estate, { enforceBudgets: true });
  return { running, ids: estate.subscriptions.flatMap(({ id, clusters: all }) => all.map((cluster) => clusterId(id, cluster))) };
}

describe('a server that enforces the published budgets', { timeout: 120_000 }, () => {
  it('never refuses a process that reads 280 clusters at once', async () => {
    const { running: estate, ids } = await start(280);
    const azure = aProcess(estate);
    const began = performance.now();

    const listed = await Promise.all(ids.map((id) => azure.getCluster(id, signal())));

    expect(listed).toHaveLength(280);
    expect(estate.budgetOverruns).toBe(0);
    // 225 at once, the rest at 25 per second: not much slower than that, and not faster.
    expect(performance.now() - began).toBeGreaterThan(2_000);
  });

  it('delays five independent processes, and fails none of their calls', async () => {
    const { running: estate, ids } = await start(13);
    const listed = await Promise.all(ids.map((id) => aProcess(estate).getCluster(id, signal())));

    // 65 calls on a budget of 60 and one more per second, which each process believes to be its own.
    const outcomes = await Promise.allSettled(
      Array.from({ length: 5 }, () => clusterCredential(optionsFor(estate))).flatMap((credentialOf) =>
        listed.map((one) => credentialOf(one, signal())),
      ),
    );

    expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([]);
    expect(estate.budgetOverruns).toBeGreaterThan(0);
  });
});
