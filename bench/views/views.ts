import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ApiDependencies } from '../../shared/http/framework/api.ts';
import type { Route } from '../../shared/http/framework/route.ts';
import { getDashboard } from '../../shared/http/views/dashboard.ts';
import { startAzurite } from '../../shared/local/azurite.ts';
import { createStorage, type Storage } from '../../shared/storage/storage.ts';
import { apiOver } from '../findings/api.ts';
import { seed } from '../findings/estate.ts';
import type { BenchOptions, Report, Row, Run, Target } from '../report.ts';

const SIZES = [18, 250, 4_000];
const FINDINGS_EACH = 3;
/** The changes of the last day; no page reads older ones. */
const CHANGES_A_DAY = 10_000;
/** Azurite becomes slower with the number of its rows. */
const PATIENCE = { retries: 5, firstDelayMs: 300, longestDelayMs: 8_000, limitMs: 120_000 };
/** A view one minute after the last scan, because each view reads the rows of the last half minute again. */
const QUIET_MS = 60_000;
/** A page, the storage requests that one view may make, and the CPU time that it may take. */
const PAGES = [
  { name: 'estate page', path: '', requests: 12, cpuMs: 20 },
  { name: 'findings page of 50', path: 'findings', requests: 10, cpuMs: undefined },
] as const;

const ADMITTED = {
  caller: { operator: true },
  admission: () => {
    throw new Error('The benchmark has no access rules.');
  },
} as const;

/** Measures what one view of the dashboard costs, once an instance has read the clusters. */
export async function* measureViews({ runs, progress }: BenchOptions): AsyncGenerator<Report, void, undefined> {
  for (const clusters of SIZES) {
    const azurite = await startAzurite();
    try {
      let later = 0;
      const clock = () => new Date(Date.now() + later);
      const storage = createStorage(azurite, clock, PATIENCE);
      await storage.ensure();
      const history = { each: Math.ceil(CHANGES_A_DAY / clusters), aDay: CHANGES_A_DAY, until: new Date() };
      await seed(storage, { clusters, findingsEach: FINDINGS_EACH, history }, progress);
      await show(apiOver(storage), '');
      later = QUIET_MS;
      yield await report(storage, clusters, runs);
    } finally {
      await azurite.stop();
    }
  }
}

async function report(storage: Storage, clusters: number, runs: number): Promise<Report> {
  const app = apiOver(storage);
  const rows: Row[] = [];
  const targets: Target[] = [];
  for (const { name, path, requests: limit, cpuMs } of PAGES) {
    await show(app, path);
    const measured: Run[] = [];
    let requests = 0;
    for (let run = 0; run < runs * 5; run++) {
      const view = await costOf(() => show(app, path));
      measured.push(view.run);
      requests = Math.max(requests, view.requests);
    }
    rows.push({ name, runs: measured, note: `${requests} storage requests` });
    targets.push({ goal: `${name}: at most ${limit} storage requests`, measured: String(requests), isReached: requests <= limit });
    if (cpuMs === undefined) continue;
    const middle = measured.map((run) => run.cpuMs).toSorted((a, b) => a - b)[Math.floor(measured.length / 2)] ?? Number.POSITIVE_INFINITY;
    targets.push({ goal: `${name}: at most ${cpuMs} ms of CPU`, measured: `${middle.toFixed(1)} ms`, isReached: middle <= cpuMs });
  }
  const title = `Views of ${clusters} clusters with ${clusters * FINDINGS_EACH} findings and ${CHANGES_A_DAY} changes a day, on Azurite`;
  return { title, rows, targets };
}

async function costOf(view: () => Promise<number>): Promise<{ readonly run: Run; readonly requests: number }> {
  let requests = 0;
  const count = () => {
    requests += 1;
  };
  subscribe('http.client.request.start', count);
  const cpu = process.cpuUsage();
  const started = performance.now();
  const bytes = await view();
  const { user, system } = process.cpuUsage(cpu);
  unsubscribe('http.client.request.start', count);
  const wallMs = performance.now() - started;
  return {
    run: { wallMs, cpuMs: (user + system) / 1_000, peakRssMiB: process.memoryUsage.rss() / 1_048_576, mebibytes: bytes / 1_048_576 },
    requests,
  };
}

async function show(app: ApiDependencies, path: string): Promise<number> {
  const url = `http://127.0.0.1/api/dashboard/${path}`;
  const route: Route = getDashboard;
  const { status, body } = await route.handler(app, { method: 'GET', url, headers: new Headers(), params: { page: path } }, ADMITTED);
  if (status !== 200 || typeof body !== 'string') throw new Error(`${path} was answered with ${status}.`);
  return body.length;
}
