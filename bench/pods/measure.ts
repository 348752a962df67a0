import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { given } from '../../shared/domain/snapshot/given.ts';
import type { BenchOptions, Row, Run } from '../report.ts';
import { type BenchServer, benchEnvironment } from './access.ts';
import type { CLIENTS } from './clients.ts';
import { runAudit, runKubectl } from './programs.ts';

/** One row of a report: the program that reads pods, and its conditions. */
export interface Plan {
  readonly name: string;
  readonly client: keyof typeof CLIENTS | 'kubectl' | 'audit';
  /** The properties of the connection: a prefix of the path on the generated API server. */
  readonly line?: string;
  /** Additional environment variables of the process that reads. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** The API server that is read, and the programs that read it. */
export interface Where extends BenchServer {
  readonly url: string;
  /** Its number of pods. */
  readonly pods: number;
  /** The path of the built command line. */
  readonly program: string;
  readonly kubectl: string;
  /** What the server has used since the last call. */
  readonly served: () => Promise<Pick<Run, 'mebibytes' | 'serverCpuMs'>>;
}

const CLIENT = new URL('client.ts', import.meta.url).pathname;
/** The limits on the heap of the command line and the app; they are the same for all clients. */
const FLAGS = ['--max-semi-space-size=1'];
/** A client that is fast because it skipped pods must not win. */
const READS_ALL: ReadonlySet<Plan['client']> = new Set([
  'census',
  'census-pages',
  'census-gzip',
  'fetch',
  'client-node-paged',
  'client-node-unpaged',
]);
const RUN_MS = 600_000;
const run = promisify(execFile);

/** The selected plans; the first one is always included. */
export function wantedPlans(plans: readonly Plan[], { rows, skip }: Pick<BenchOptions, 'rows' | 'skip'>): readonly Plan[] {
  const holds = (name: string, texts: readonly string[]) => texts.some((text) => name.includes(text));
  return plans.filter(({ name }, at) => at === 0 || ((rows.length === 0 || holds(name, rows)) && !holds(name, skip)));
}

/** Runs every row once, then every row again, so that other load on the machine affects all of them equally. */
export async function measureRows(
  plans: readonly Plan[],
  where: Where,
  { runs, progress }: Pick<BenchOptions, 'runs' | 'progress'>,
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

async function measureOnce({ client, line = '', environment = {} }: Plan, where: Where): Promise<Run & { readonly note?: string }> {
  await where.served();
  const target = { server: `${where.url}${line}`, ca: where.ca, token: where.token };
  const cost = await costOf(client, target, environment, where);
  const { wallMs, cpuMs, peakRssMiB, note, pods: seen } = cost;
  if (seen !== undefined && READS_ALL.has(client) && seen !== where.pods) throw new Error(`error: it saw ${seen} of ${where.pods} pods`);
  return { wallMs, cpuMs, peakRssMiB, ...(await where.served()), ...given({ note }) };
}

interface Cost extends Omit<Run, 'mebibytes' | 'serverCpuMs'> {
  readonly pods?: number;
  readonly note?: string;
}

function costOf(
  client: Plan['client'],
  target: BenchServer & { readonly server: string },
  environment: Readonly<Record<string, string>>,
  { program, kubectl }: Where,
): Promise<Cost> {
  if (client === 'kubectl') return runKubectl(kubectl, target);
  if (client === 'audit') return runAudit(program, target, environment);
  return runClient(client, target, environment);
}

async function runClient(
  client: string,
  { server, ...bench }: BenchServer & { readonly server: string },
  environment: Readonly<Record<string, string>>,
): Promise<Cost> {
  const env = { ...process.env, ...benchEnvironment(bench), ...environment };
  const { stdout } = await run(process.execPath, [...FLAGS, CLIENT, client, server], { timeout: RUN_MS, maxBuffer: 1_048_576, env });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

function lastLine(error: unknown): string {
  const text = error instanceof Error ? ('stderr' in error && error.stderr ? String(error.stderr) : error.message) : String(error);
  const telling = text.split('\n').filter((one) => /error|cannot|failed|heap/i.test(one));
  return (telling.at(0) ?? text).trim().slice(0, 120);
}
