import { type LocalRun, startLocal } from '../compose/container/local.ts';
import { load } from '../config/settings.ts';
import { subjectLabel } from '../domain/findings/finding-text.ts';
import type { ClusterSummary } from '../domain/findings/summary.ts';
import { SEVERITIES } from '../domain/policy/severity.ts';
import { followAudit } from './follow-audit.ts';
import { plannedUpgrades } from './planned-upgrades.ts';
import { plain, table } from './table.ts';
import { UsageError } from './usage-error.ts';

/** The options of `kataudit serve` as typed. */
export interface ServeOptions {
  readonly port: string;
  readonly estate?: string;
  readonly data?: string;
  readonly once?: boolean;
  readonly auth: boolean;
}

/** Runs local mode until Ctrl-C, or once; returns the exit code. */
export async function serve(options: ServeOptions): Promise<number> {
  const port = portOf(options.port);
  // Settings that are wrong are the first thing to say: the host would say it only when it first needs them.
  load(process.env);
  const started = Date.now();
  console.log('Starting storage, the simulated estate and the functions host …');
  const run = await start(port, options);
  const interrupted = new Promise<'interrupted'>((done) => {
    process.once('SIGINT', () => done('interrupted'));
    process.once('SIGTERM', () => done('interrupted'));
  });
  let problem: unknown;
  try {
    printAddresses(run, Date.now() - started);
    const finished = await Promise.race([auditOnce(run), run.failure, interrupted]);
    if (finished !== 'interrupted' && options.once !== true) {
      console.log(`\nServing until Ctrl-C. The dashboard: ${dashboardOf(run)}`);
      await Promise.race([interrupted, run.failure]);
      console.log('\nStopping …');
    }
  } catch (error) {
    problem = error;
  }
  try {
    await run.stop();
  } catch (error) {
    // That the storage could not keep its state tells more than what failed for want of it.
    problem = error;
  }
  if (problem === undefined) return 0;
  console.error(`kataudit: ${problem instanceof Error ? problem.message : String(problem)}`);
  return 2;
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new UsageError(`--port is 1 to 65535, not ${JSON.stringify(text)}`);
}

async function start(port: number, options: ServeOptions): Promise<LocalRun> {
  try {
    return await startLocal({
      port,
      ...(options.estate === undefined ? {} : { estateFile: options.estate }),
      ...(options.data === undefined ? {} : { dataFolder: options.data }),
      auth: options.auth,
      now: new Date(),
    });
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function printAddresses(run: LocalRun, milliseconds: number): void {
  console.log(`Started in ${(milliseconds / 1000).toFixed(1)} s:`);
  const rows = [
    ['API', run.apiUrl],
    ...(run.key === undefined ? [] : [['key (header x-functions-key, or ?code=)', run.key]]),
    ...Object.entries(run.ports),
    ['kubeconfigs', run.kubeconfigFolder],
  ];
  console.log(rows.map(([name, value]) => `  ${name}: ${value}`).join('\n'));
}

/** The key in the address lets a browser in; it lives as long as this run. */
function dashboardOf({ apiUrl, key }: LocalRun): string {
  return `${apiUrl}/dashboard${key === undefined ? '' : `?code=${encodeURIComponent(key)}`}`;
}

async function auditOnce(run: LocalRun): Promise<'done'> {
  const started = Date.now();
  const report = await followAudit(run, (line) => {
    process.stdout.write(process.stdout.isTTY ? `\r${line.padEnd(78)}` : `${line}\n`);
  });
  if (process.stdout.isTTY) process.stdout.write('\n');
  console.log(`Audit ${report.audit.id} took ${((Date.now() - started) / 1000).toFixed(1)} s.\n`);
  await printFindings(run);
  return 'done';
}

async function printFindings(run: LocalRun): Promise<void> {
  const { value: clusters } = await run.storage.findings.clusters(1000);
  const byName = [...clusters].sort((a, b) => a.cluster.name.localeCompare(b.cluster.name));
  console.log(table(['CLUSTER', 'ASSESSED', ...SEVERITIES.map((name) => name.toUpperCase()), 'WHY NOT'], byName.map(clusterRow)));
  const { value: findings } = await run.storage.findings.list({ status: ['open'] }, 1000);
  const rows = [...findings]
    .sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || a.clusterName.localeCompare(b.clusterName))
    .map(({ severity, clusterName, ruleId, subject, message }) => [severity, clusterName, ruleId, subjectLabel(subject), message]);
  console.log(`\n${table(['SEVERITY', 'CLUSTER', 'RULE', 'SUBJECT', 'WHAT WAS SEEN'], rows, 80)}`);
  const planned = plannedUpgrades(findings);
  if (planned !== undefined) console.log(`\n${planned}`);
  console.log(`\n${findings.length} open findings in ${clusters.length} clusters.`);
}

function clusterRow({ cluster, assessment, openBySeverity, gaps }: ClusterSummary): readonly string[] {
  const counts = SEVERITIES.map((severity) => String(openBySeverity[severity] || '·'));
  return [plain(cluster.name), assessment, ...counts, plain(gaps[0]?.reason.message ?? '')];
}
