import { writeSimulatedHistory } from '../compose/command-line/simulated-history.ts';
import type { LocalRun } from '../compose/container/local.ts';
import { load } from '../config/settings.ts';
import { subjectLabel } from '../domain/findings/finding-text.ts';
import type { ClusterSummary } from '../domain/findings/summary.ts';
import { SEVERITIES } from '../domain/policy/severity.ts';
import { given } from '../domain/snapshot/given.ts';
import { counted } from '../domain/text/counted.ts';
import { followAudit } from './follow-audit.ts';
import type { Surroundings } from './frame/surroundings.ts';
import { plain, table } from './frame/table.ts';
import type { Terminal } from './frame/terminal.ts';
import { interruption } from './interruption.ts';
import { startOrExplain } from './start-local.ts';

/** The options of `kataudit serve`. */
export interface ServeOptions {
  readonly port: number;
  readonly estate?: string;
  readonly data?: string;
  /** Length of the simulated trend before today, in days. */
  readonly history?: number;
  readonly once?: boolean;
  readonly auth: boolean;
}

/** Runs local mode until Ctrl-C, or once, and returns the exit code. */
export async function serve({ terminal, env }: Surroundings, options: ServeOptions): Promise<number> {
  // Wrong settings are reported first: the functions host would report them only when it first needs them.
  load(env);
  const { signal, forget } = interruption(env);
  try {
    const started = Date.now();
    terminal.print('Starting storage, the simulated estate and the functions host …');
    const run = await startedOrInterrupted(options, signal);
    if (run === undefined) return 0;
    printAddresses(run, Date.now() - started);
    return await untilEnd(run, terminal, options, signal);
  } finally {
    forget();
  }
}

/** Starts local mode; `undefined` if it was interrupted before it was ready. */
async function startedOrInterrupted(options: ServeOptions, abortSignal: AbortSignal): Promise<LocalRun | undefined> {
  try {
    return await startOrExplain({
      port: options.port,
      ...given({ estateFile: options.estate, dataFolder: options.data }),
      auth: options.auth,
      now: new Date(),
      abortSignal,
    });
  } catch (error) {
    if (abortSignal.aborted) return undefined;
    throw error;
  }
}

/** Audits, and serves until it is interrupted or a part of it fails; stops everything in either case. */
async function untilEnd(run: LocalRun, terminal: Terminal, { once, history }: ServeOptions, abortSignal: AbortSignal): Promise<number> {
  let problem: unknown;
  try {
    await Promise.race([auditOnce(run, terminal, abortSignal), run.failure]);
    if (history !== undefined) await writeSimulatedHistory(run, history, new Date());
    if (once !== true) {
      terminal.print(`\nServing until Ctrl-C. The dashboard: ${dashboardOf(run)}`);
      await Promise.race([aborted(abortSignal), run.failure]);
      terminal.print('\nStopping …');
    }
  } catch (error) {
    if (!abortSignal.aborted) problem = error;
  }
  try {
    await run.stop();
  } catch (error) {
    // A failure of the storage explains more than the failures that follow from it.
    problem = error;
  }
  if (problem === undefined) return 0;
  terminal.say(problem instanceof Error ? problem.message : String(problem));
  return 2;
}

async function aborted(abortSignal: AbortSignal): Promise<void> {
  if (!abortSignal.aborted) await new Promise<void>((done) => abortSignal.addEventListener('abort', () => done(), { once: true }));
}

function printAddresses(run: LocalRun, milliseconds: number): void {
  console.log(`Started in ${(milliseconds / 1000).toFixed(1)} s:`);
  const rows = [
    ['API', run.apiUrl],
    ...(run.key === undefined ? [] : [['key (header x-functions-key)', run.key]]),
    ...Object.entries(run.ports),
    ['kubeconfigs', run.kubeconfigFolder],
  ];
  console.log(rows.map(([name, value]) => `  ${name}: ${value}`).join('\n'));
}

/** The key in the URL signs the browser in; it is valid only for this run. */
function dashboardOf({ apiUrl, key }: LocalRun): string {
  return `${apiUrl}/dashboard${key === undefined ? '' : `?code=${encodeURIComponent(key)}`}`;
}

async function auditOnce(run: LocalRun, terminal: Terminal, abortSignal: AbortSignal): Promise<'done'> {
  const started = Date.now();
  const report = await followAudit(run, terminal.progress, abortSignal);
  terminal.progress('');
  terminal.print(`Audit ${report.audit.id} took ${((Date.now() - started) / 1000).toFixed(1)} s.\n`);
  await printFindings(run, terminal);
  return 'done';
}

async function printFindings(run: LocalRun, { page, print }: Terminal): Promise<void> {
  const { value: clusters } = await run.storage.findings.clusters(1000);
  const byName = [...clusters].sort((a, b) => a.cluster.name.localeCompare(b.cluster.name));
  print(table(['CLUSTER', 'ASSESSED', ...SEVERITIES.map((name) => name.toUpperCase()), 'REASON'], byName.map(clusterRow), page));
  const { value: findings } = await run.storage.findings.list({ status: ['open'] }, 1000);
  const rows = [...findings]
    .sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || a.clusterName.localeCompare(b.clusterName))
    .map(({ severity, clusterName, ruleId, subject, message }) => ({
      cells: [severity, clusterName, ruleId, subjectLabel(subject), message],
      style: severity,
    }));
  print(`\n${table(['SEVERITY', 'CLUSTER', 'RULE', 'SUBJECT', 'OBSERVED'], rows, page)}`);
  print(`\n${counted(findings.length, 'open finding')} in ${counted(clusters.length, 'cluster')}.`);
}

function clusterRow({ cluster, assessment, openBySeverity, gaps }: ClusterSummary): readonly string[] {
  const counts = SEVERITIES.map((severity) => String(openBySeverity[severity] || '·'));
  return [plain(cluster.name), assessment, ...counts, plain(gaps[0]?.reason.message ?? '')];
}
