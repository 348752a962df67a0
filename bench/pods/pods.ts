import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { bundle } from '../../scripts/npm/bundle.ts';
import { given } from '../../shared/domain/snapshot/given.ts';
import { startAzurite } from '../../shared/local/azurite.ts';
import { type BenchOptions, type Report, type Row, type Run, spread, type Target } from '../report.ts';
import { benchAuthority } from './access.ts';
import type { CLIENTS } from './clients.ts';
import { runAudit, runKubectl } from './programs.ts';
import { withServer } from './with-server.ts';

interface Plan {
  readonly name: string;
  readonly client: keyof typeof CLIENTS | 'kubectl' | 'audit';
  /** What the line is like. */
  readonly line?: string;
}

const OURS = 'census (ours)';
const AUDIT = 'kataudit audit, built: the whole process';
const SCAN = 'whole scan: census, nodes, rules, store';
const CLIENT_NODE = '@kubernetes/client-node, limit=500';
const KUBECTL = 'kubectl get pods -A -o json';
const FLOOR = 'floor: drain the streamed protobuf bytes';

const PLANS: readonly Plan[] = [
  { name: OURS, client: 'census' },
  { name: 'sample of nodes (ours)', client: 'sample' },
  { name: AUDIT, client: 'audit' },
  { name: SCAN, client: 'scan' },
  { name: FLOOR, client: 'drain-stream' },
  { name: 'census by pages (ours)', client: 'census-pages' },
  { name: 'floor: drain the protobuf pages', client: 'drain-pages' },
  { name: 'floor: drain the JSON pages', client: 'drain-json' },
  { name: 'fetch + JSON.parse, limit=500', client: 'fetch' },
  { name: CLIENT_NODE, client: 'client-node-paged' },
  { name: '@kubernetes/client-node, unpaged', client: 'client-node-unpaged' },
  { name: KUBECTL, client: 'kubectl' },
  { name: 'census at 5 ms round trip', client: 'census', line: '/delay-5' },
  { name: 'census at 20 ms round trip', client: 'census', line: '/delay-20' },
  { name: 'census at 100 Mbit/s, not compressed', client: 'census', line: '/mbit-100' },
  { name: 'census at 100 Mbit/s, compressed', client: 'census-gzip', line: '/mbit-100/gzip' },
];

const CLIENT = new URL('client.ts', import.meta.url).pathname;
/** As the command line and the app bound the heap of every process; all clients are bound alike. */
const FLAGS = ['--max-semi-space-size=1'];
const ROOT = resolve(import.meta.dirname, '../..');
/** A client that is fast because it did not do the work must not win. */
const READS_ALL: ReadonlySet<Plan['client']> = new Set([
  'census',
  'census-pages',
  'census-gzip',
  'fetch',
  'client-node-paged',
  'client-node-unpaged',
]);
/** What a scan of almost nothing takes is what every scan takes. */
const FEW_PODS = 10;
const RUN_MS = 600_000;
const run = promisify(execFile);

/** Measures our census of pods beside everything else that reads them. */
export async function* measurePods({ runs, sizes, nodes, rows, skip, progress }: BenchOptions): AsyncGenerator<Report> {
  const storage = await startAzurite();
  process.env.BENCH_STORAGE = storage.connectionString;
  const built = await mkdtemp(join(tmpdir(), 'bench-built-'));
  try {
    await bundle(ROOT, built);
    const program = join(built, 'shared/cli/bin.js');
    const reports: Report[] = [];
    await withServer(nodes, async (url) => {
      const peaks = new Map<number, number>();
      for (const pods of sizes) {
        const plans = PLANS.filter(({ name }) => name === OURS || (named(name, rows, true) && !named(name, skip, false)));
        const measured = await measureRows(plans, { url, pods, program }, runs, progress);
        const peak = spread(
          measured.find(({ name }) => name === AUDIT),
          'peakRssMiB',
        )?.median;
        if (peak !== undefined) peaks.set(pods, peak);
        const title = `${pods.toLocaleString('en')} pods, ${nodes.toLocaleString('en')} nodes`;
        reports.push({ title, rows: measured, targets: targetsOf(measured, pods, peaks) });
        progress(`${title}: measured`);
      }
    });
    yield* reports;
  } finally {
    await rm(built, { recursive: true, force: true });
    await storage.stop();
  }
}

/** Whether a row's name holds one of some texts, given with commas; `none` is the answer when none is given. */
function named(name: string, texts: string, none: boolean): boolean {
  return texts === '' ? none : texts.split(',').some((text) => name.includes(text));
}

/** The generated API server, how many pods it is to have, and the built command line. */
interface Where {
  readonly url: string;
  readonly pods: number;
  readonly program: string;
}

/** Every row once, then every row again: what else the machine does then falls on all of them alike. */
async function measureRows(
  plans: readonly Plan[],
  where: Where,
  runs: number,
  progress: BenchOptions['progress'],
): Promise<readonly Row[]> {
  const rows = plans.map(({ name }) => ({ name, runs: [] as Run[], note: '', failed: false }));
  for (let round = 1; round <= runs; round++) {
    for (const [at, plan] of plans.entries()) {
      const row = rows[at];
      if (row === undefined || row.failed) continue;
      try {
        const { note = '', ...cost } = await measureOnce(plan, where);
        row.runs.push(cost);
        row.note = note;
      } catch (error) {
        row.failed = true;
        row.note = lastLine(error);
      }
    }
    progress(`${where.pods} pods: ${round} of ${runs} runs`);
  }
  return rows.map(({ name, runs: done, note, failed }) => ({ name, runs: failed ? [] : done, ...(note === '' ? {} : { note }) }));
}

async function measureOnce({ client, line = '' }: Plan, { url, pods, program }: Where): Promise<Run & { readonly note?: string }> {
  await takeBytes(url);
  const server = `${url}/pods-${pods}${line}`;
  const cost: Cost =
    client === 'kubectl'
      ? await runKubectl(server)
      : client === 'audit'
        ? await runAudit(program, server)
        : await runClient(client, server);
  const { wallMs, cpuMs, peakRssMiB, note, pods: seen } = cost;
  if (seen !== undefined && READS_ALL.has(client) && seen !== pods) throw new Error(`error: it saw ${seen} of ${pods} pods`);
  const mebibytes = (await takeBytes(url)) / 1_048_576;
  return { wallMs, cpuMs, peakRssMiB, mebibytes, ...given({ note }) };
}

interface Cost extends Omit<Run, 'mebibytes'> {
  readonly pods?: number;
  readonly note?: string;
}

async function runClient(client: string, server: string): Promise<Cost> {
  const { stdout } = await run(process.execPath, [...FLAGS, CLIENT, client, server], { timeout: RUN_MS, maxBuffer: 1_048_576 });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

function takeBytes(url: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const asked = get(`${url}/bytes`, { ca: benchAuthority() }, (response) => {
    let told = '';
    response.setEncoding('utf8');
    response.on('data', (text: string) => {
      told += text;
    });
    response.on('end', () => resolve(Number(told)));
  });
  asked.on('error', reject);
  return promise;
}

function lastLine(error: unknown): string {
  const text = error instanceof Error ? ('stderr' in error && error.stderr ? String(error.stderr) : error.message) : String(error);
  const telling = text.split('\n').filter((one) => /error|cannot|failed|heap/i.test(one));
  return (telling.at(0) ?? text).trim().slice(0, 120);
}

/** The targets of the design that one size can show. */
function targetsOf(rows: readonly Row[], pods: number, peaks: ReadonlyMap<number, number>): readonly Target[] {
  const median = (name: string, figure: 'wallMs' | 'cpuMs') =>
    spread(
      rows.find((row) => row.name === name),
      figure,
    )?.median;
  const ratio = (goal: string, value: number | undefined, isReached: (value: number) => boolean, beside = ''): Target[] =>
    value === undefined ? [] : [{ goal, measured: `${value.toFixed(2)}${beside}`, isReached: isReached(value) }];
  /** A row's time in that of another row; on a busy machine the CPU seconds beside it tell more. */
  const per = (goal: string, [one, other]: readonly [string, string], isReached: (value: number) => boolean) => {
    const of = (figure: 'wallMs' | 'cpuMs') => {
      const [a, b] = [median(one, figure), median(other, figure)];
      return a === undefined || b === undefined ? undefined : a / b;
    };
    return ratio(goal, of('wallMs'), isReached, ` (${of('cpuMs')?.toFixed(2)} of CPU)`);
  };
  const [peak, base] = [peaks.get(pods), peaks.get(FEW_PODS)];
  return [
    ...per('≥ 16 × faster than @kubernetes/client-node paged', [CLIENT_NODE, OURS], (value) => value >= 16),
    ...per('≥ 30 × faster than kubectl get pods -A -o json', [KUBECTL, OURS], (value) => value >= 30),
    ...per('≤ 1.25 × the time of draining the same bytes', [OURS, FLOOR], (value) => value <= 1.25),
    ...(pods === FEW_PODS ? ratio('audit of ten pods: peak RSS ≤ 110 MiB', peak, (value) => value <= 110) : []),
    ...(peak === undefined || base === undefined || pods === FEW_PODS
      ? []
      : ratio('audit: peak RSS ≤ 40 MiB above that of ten pods', peak - base, (value) => value <= 40)),
  ];
}
