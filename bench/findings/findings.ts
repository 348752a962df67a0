import { TableClient } from '@azure/data-tables';
import type { ApiDependencies } from '../../shared/http/framework/api.ts';
import type { Route } from '../../shared/http/framework/route.ts';
import { listFindings } from '../../shared/http/routes/findings.ts';
import { getSummary } from '../../shared/http/routes/summary.ts';
import { startAzurite } from '../../shared/local/azurite.ts';
import { TABLES } from '../../shared/storage/names.ts';
import { createStorage, type Storage } from '../../shared/storage/storage.ts';
import { AN_OPERATOR as ADMITTED } from '../../test/support/access.ts';
import { apiOver } from '../findings/api.ts';
import type { BenchOptions, Report, Row, Run, Target } from '../report.ts';
import { clusterName, type FindingsEstate, seed } from './estate.ts';

const ESTATE: FindingsEstate = { clusters: 5_000, findingsEach: 50 };
const PAGES_A_RUN = 20;
const GOAL_MS = 50;
const NAIVE_ROWS = 10_000;

/** The queries on 250,000 findings, each for a page of 100. */
const QUESTIONS: readonly (readonly [string, string])[] = [
  ['open and high, anywhere', 'status=open&severity=high'],
  ['of one cluster', `cluster=${clusterName(2_500)}`],
  ['of a namespace, anywhere', 'namespace=team-2&status=open'],
  ['open and critical: one cluster in five hundred', 'status=open&severity=critical'],
];

/** Measures pages of findings and the summary on Azurite, in comparison with a walk through the whole table. */
export async function* measureFindings({ runs, progress }: BenchOptions): AsyncGenerator<Report, void, undefined> {
  const azurite = await startAzurite();
  try {
    const storage = createStorage({ connectionString: azurite.connectionString });
    await storage.ensure();
    await seed(storage, ESTATE, progress);
    yield await report(storage, azurite.connectionString, runs, progress);
  } finally {
    await azurite.stop();
  }
}

async function report(storage: Storage, connectionString: string, runs: number, progress: (line: string) => void): Promise<Report> {
  const app = apiOver(storage);
  const rows: Row[] = [];
  const targets: Target[] = [];
  for (const [name, query] of QUESTIONS) {
    progress(`measuring: ${name}`);
    const row = {
      name: `page of 100: ${name}`,
      runs: await measured(runs * PAGES_A_RUN, () => ask(app, listFindings, `findings?${query}&top=100`)),
    };
    rows.push(row);
    targets.push(target(row));
  }
  progress('measuring: the next page, the summary and the naive walk');
  const next = await nextOf(app, 'findings?status=open&severity=high&top=100');
  const following = {
    name: 'page of 100: the next one, by its cursor',
    runs: await measured(runs * PAGES_A_RUN, () => ask(app, listFindings, next)),
  };
  rows.push(following);
  targets.push(target(following));
  rows.push({ name: 'summary of 5,000 clusters', runs: await measured(runs, () => ask(app, getSummary, 'summary')) });
  rows.push({
    name: `naive: the first ${NAIVE_ROWS} rows of the table, filtered here`,
    runs: await measured(1, () => walk(connectionString)),
    note: 'the whole table takes 25 times as long',
  });
  return { title: `Findings: ${ESTATE.clusters * ESTATE.findingsEach} in ${ESTATE.clusters} clusters, on Azurite`, rows, targets };
}

function target({ name, runs }: Row): Target {
  const sorted = runs.map(({ wallMs }) => wallMs).sort((a, b) => a - b);
  const p95 = sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Number.POSITIVE_INFINITY;
  return { goal: `${name}: p95 under ${GOAL_MS} ms`, measured: `${p95.toFixed(1)} ms`, isReached: p95 < GOAL_MS };
}

async function measured(times: number, once: () => Promise<number>): Promise<readonly Run[]> {
  await once();
  const runs: Run[] = [];
  for (let time = 0; time < times; time++) {
    const cpu = process.cpuUsage();
    const started = performance.now();
    const bytes = await once();
    const { user, system } = process.cpuUsage(cpu);
    runs.push({
      wallMs: performance.now() - started,
      cpuMs: (user + system) / 1_000,
      peakRssMiB: process.memoryUsage.rss() / 1_048_576,
      mebibytes: bytes / 1_048_576,
    });
  }
  return runs;
}

/** Sends a request as a host would, and returns the length of the answer. */
async function ask(app: ApiDependencies, route: Route, path: string): Promise<number> {
  return (await bodyOf(app, route, path)).length;
}

async function bodyOf(app: ApiDependencies, route: Route, path: string): Promise<string> {
  const url = path.startsWith('http') ? path : `http://127.0.0.1/api/${path}`;
  const request = { method: 'GET', url, headers: new Headers(), params: {}, text: async () => '' };
  const { status, body } = await route.handler(app, request, ADMITTED);
  if (status !== 200 || typeof body !== 'string') throw new Error(`${path} was answered with ${status}.`);
  return body;
}

async function nextOf(app: ApiDependencies, path: string): Promise<string> {
  const { nextLink }: { readonly nextLink?: string } = JSON.parse(await bodyOf(app, listFindings, path));
  if (nextLink === undefined) throw new Error(`${path} has no next page.`);
  return nextLink;
}

async function walk(connectionString: string): Promise<number> {
  const table = TableClient.fromConnectionString(connectionString, TABLES.findings, { allowInsecureConnection: true });
  let bytes = 0;
  let rows = 0;
  for await (const entity of table.listEntities()) {
    bytes += JSON.stringify(entity).length;
    if (++rows === NAIVE_ROWS) break;
  }
  return bytes;
}
