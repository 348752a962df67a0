import { setTimeout as delay } from 'node:timers/promises';
import { followAudit } from '../../shared/cli/follow-audit.ts';
import { type LocalRun, startLocal } from '../../shared/compose/container/local.ts';
import { fingerprint } from '../../shared/domain/findings/finding.ts';
import { clusterId } from '../../shared/local/estate/cluster-id.ts';
import { clusterNamed } from '../../shared/local/estate/model.ts';
import { scaleEstate } from '../../shared/local/estate/scale-estate.ts';
import { upgradeNodePool } from '../../shared/local/estate/upgrade.ts';
import { freePort } from '../free-port.ts';
import type { BenchOptions, Report } from '../report.ts';

const CLUSTERS = 10;
const EVENTS = 500;
/** Local mode's `KATAUDIT_SETTLE_SECONDS`: how long the app waits for a burst to end before it scans. */
const SETTLE_MS = 1_000;
const POLL_MS = 50;
const PATIENCE_MS = 60_000;

/** Measures the time from the delivery of an event to its finding in the table, without the settle time. */
export async function* measureEvents({ progress }: BenchOptions): AsyncGenerator<Report> {
  const estate = scaleEstate({ clusters: CLUSTERS, poolsPerCluster: 3, podsPerCluster: 50, subscriptions: 1 }, 'events', new Date());
  const local = await startLocal({ port: await freePort(), auth: false, now: new Date(), estate });
  try {
    await followAudit(local, () => undefined);
    const latencies: number[] = [];
    while (latencies.length < EVENTS) {
      latencies.push(...(await round(local)));
      if (latencies.length % 100 === 0) progress(`${latencies.length} events`);
    }
    yield reportOf(latencies.toSorted((a, b) => a - b));
  } finally {
    await local.stop();
  }
}

function reportOf(sorted: readonly number[]): Report {
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
  const row = (name: string, wallMs: number) => ({ name, runs: [{ wallMs, cpuMs: 0, peakRssMiB: 0, mebibytes: 0 }] });
  return {
    title: `from an event to its finding stored, less the settle time, over ${sorted.length} events`,
    rows: [row('p50', at(0.5)), row('p95', at(0.95)), row('p99', at(0.99))],
    targets: [{ goal: 'p95 below 2 s', measured: `${(at(0.95) / 1000).toFixed(2)} s`, isReached: at(0.95) < 2_000 }],
  };
}

/** Each cluster's Kata pool becomes stale or current again, and one event reports it. */
async function round(local: LocalRun): Promise<readonly number[]> {
  const { estate } = local.estate;
  const clusters = estate.subscriptions.flatMap((subscription) => subscription.clusters);
  const before = new Map(clusters.map(({ name, nodePools }) => [name, nodePools.find((pool) => pool.name === 'kata')?.nodeImageVersion]));
  const toggled = {
    ...estate,
    subscriptions: estate.subscriptions.map((subscription) => ({
      ...subscription,
      clusters: subscription.clusters.map((cluster) => ({
        ...cluster,
        nodePools: cluster.nodePools.map((pool) =>
          pool.name === 'kata'
            ? { ...pool, nodeImageVersion: isStale(before.get(cluster.name)) ? pool.latestNodeImageVersion : STALE }
            : pool,
        ),
      })),
    })),
  };
  await local.estate.setEstate(toggled);
  const wanted = clusters.map(({ name }) => ({ name, stale: !isStale(before.get(name)) }));
  return Promise.all(wanted.map(({ name, stale }) => latencyOf(local, name, stale)));
}

/** A Kata image of the previous year, far beyond the grace period. */
const STALE = 'AKSAzureLinux-V3katagen2-202512.18.0';

function isStale(image: string | undefined): boolean {
  return image === STALE;
}

function idOf({ estate }: LocalRun, cluster: string): string {
  const subscription = estate.estate.subscriptions.find(({ clusters }) => clusters.some(({ name }) => name === cluster));
  return clusterId(subscription?.id ?? '', clusterNamed(estate.estate, cluster)).toLowerCase();
}

async function latencyOf(local: LocalRun, cluster: string, stale: boolean): Promise<number> {
  const [, started] = upgradeNodePool(local.estate.estate, { cluster, nodePool: 'kata', at: new Date() });
  const last = upgradeNodePool(local.estate.estate, { cluster, nodePool: 'kata', at: new Date() }).findLast(
    ({ event }) => event !== undefined,
  );
  const event = { ...Object(last?.event ?? started?.event), id: `${cluster}-${performance.now()}`, eventTime: new Date().toISOString() };
  const finding = fingerprint(idOf(local, cluster), 'node-image-current', { kind: 'node-pool', name: 'kata' });
  const begun = performance.now();
  await fetch(new URL('/runtime/webhooks/EventGrid?functionName=cluster-changed', local.apiUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'aeg-event-type': 'Notification' },
    body: JSON.stringify([event]),
  });
  for (const end = begun + PATIENCE_MS; performance.now() < end; ) {
    const isOpen = (await local.storage.findings.get(finding))?.status === 'open';
    if (isOpen === stale) return performance.now() - begun - SETTLE_MS;
    await delay(POLL_MS);
  }
  throw new Error(`The event of ${cluster} changed no finding within ${PATIENCE_MS / 1000} s.`);
}
