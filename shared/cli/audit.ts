import { setTimeout as delay } from 'node:timers/promises';
import type { OverlaidFinding } from '../domain/findings/overlaid-finding.ts';
import { isolationReport } from '../domain/isolation/isolation-report.ts';
import type { Severity } from '../domain/policy/severity.ts';
import { given } from '../domain/snapshot/given.ts';
import type { PolicyInForce } from '../ports/policy-source.ts';
import { auditDocument } from './audit-document.ts';
import { type AuditFormat, DOCUMENTS } from './audit-formats.ts';
import { auditTable } from './audit-table.ts';
import { exitCodeOf } from './exit-code.ts';
import { type Destination, deliver, destinationsOf, type Wanted } from './frame/destinations.ts';
import type { Surroundings } from './frame/surroundings.ts';
import { UsageError } from './frame/usage-error.ts';
import { imagesOf } from './images-option.ts';
import { narrowed } from './narrow.ts';
import { intoFolder, saveSnapshots } from './output-dir.ts';
import { policyOf } from './policy-option.ts';
import { overlaid, type Report, type ReportedCluster, reportOn } from './report.ts';
import { knownFindings } from './saved-report.ts';
import { type ClusterOptions, checkClusterOptions, targetsOf } from './targets.ts';

/** The options that control how judged snapshots are printed. */
export interface PrintOptions {
  readonly policy?: string;
  /** Path of an image file. */
  readonly images?: string;
  readonly format?: readonly Wanted<AuditFormat>[];
  readonly failOn: Severity;
  /** Whether evidence that this kind of audit never asks for counts as not checked. */
  readonly strict?: boolean;
  readonly output?: string;
}

/** The options of `kataudit audit`. */
export interface AuditOptions extends PrintOptions, ClusterOptions {
  readonly namespace?: readonly string[];
  readonly baseline?: string;
  readonly failOnNew?: boolean;
  readonly outputDir?: string;
  /** Seconds between two audits. */
  readonly watch?: number;
}

/** Audits the named clusters, prints the findings, and returns the exit code. With `--watch` it repeats. */
export async function audit(here: Surroundings, options: AuditOptions): Promise<number> {
  checkOptions(options);
  const { outputDir, watch } = options;
  const wanted = outputDir === undefined ? options.format : await intoFolder(outputDir, options.format);
  const destinations = await destinationsOf(wanted, 'table', options.output);
  const inForce = await policyOf(options.policy);
  let known = options.baseline === undefined ? undefined : await knownFindings(options.baseline, inForce.policy);
  for (;;) {
    const report = await looked(here, options, inForce);
    const since = known && { known, onlyNewFail: options.failOnNew === true };
    const code = await printReport(here, report, destinations, inForce, { ...options, ...given({ since }) });
    if (outputDir !== undefined) await saveSnapshots(outputDir, report);
    if (watch === undefined) return code;
    known = new Set(report.clusters.flatMap(({ findings }) => findings.map(({ id }) => id)));
    here.terminal.print(`\nAudited at ${here.now().toISOString()}. The next audit starts in ${watch} s; Ctrl-C ends.\n`);
    await delay(watch * 1_000);
  }
}

function checkOptions(options: AuditOptions): void {
  checkClusterOptions(options);
  if (options.failOnNew === true && options.baseline === undefined) throw new UsageError('--fail-on-new needs --baseline FILE.');
  if (options.outputDir !== undefined && options.output !== undefined)
    throw new UsageError('--output-dir and --output cannot be combined.');
}

async function looked(here: Surroundings, options: AuditOptions, { policy }: PolicyInForce): Promise<Report> {
  const { RULES } = await import('../rules/index.ts');
  // Read first, so that a bad file is reported before any cluster is scanned.
  const told = await imagesOf(options.images);
  const { targets, ...others } = await targetsOf(options, policy, here);
  const informed = { ...others, targets: targets.map((target) => ({ ...target, look: async () => told(await target.look()) })) };
  return narrowed(await reportOn(informed, policy, here), options.namespace, RULES);
}

/** Findings that were known before the audit. */
export interface Baseline {
  /** The ids of the known findings. */
  readonly known: ReadonlySet<string>;
  /** Whether only new findings count for the exit code. */
  readonly onlyNewFail: boolean;
}

/** Prints a report and returns the exit code. A finding that a live exemption covers does not count. */
export async function printReport(
  here: Surroundings,
  report: Report,
  destinations: readonly Destination<AuditFormat>[],
  inForce: PolicyInForce,
  { failOn, strict = false, since }: Pick<PrintOptions, 'failOn' | 'strict'> & { readonly since?: Baseline },
): Promise<number> {
  const now = here.now();
  const clusters = overlaid(report, inForce.policy, now);
  await deliver(here.terminal, destinations, (format, page) => {
    if (format === 'table' || format === 'wide')
      return auditTable(clusters, report.notListed, { isWide: format === 'wide', known: since?.known }, page);
    if (format === 'json') return JSON.stringify(ownDocument(clusters, report), null, 2);
    if (format === 'yaml') return asYaml(ownDocument(clusters, report));
    return exported(clusters, format, inForce, now);
  });
  const isCounted = ({ finding }: OverlaidFinding) => since?.onlyNewFail !== true || !since.known.has(finding.id);
  const { RULES } = await import('../rules/index.ts');
  const exit = { rules: RULES, policy: inForce.policy, failOn, strict };
  const codes = clusters.map(({ result, overlaid }) => exitCodeOf({ result, overlaid: overlaid.filter(isCounted) }, exit));
  if (codes.includes(1)) return 1;
  return report.notListed.length > 0 || codes.includes(2) ? 2 : 0;
}

/** The complete JSON document: one object for a single cluster, a list for several. */
function ownDocument(clusters: readonly ReportedCluster[], { notListed }: Report) {
  const documents = clusters.map(({ result, overlaid }) => ({
    ...result,
    exempted: exempted(overlaid),
    isolation: isolationReport(result.snapshot),
  }));
  const [first, ...others] = documents;
  return first !== undefined && others.length === 0 && notListed.length === 0 ? first : { clusters: documents, notListed };
}

async function* asYaml(document: unknown): AsyncGenerator<string, void, undefined> {
  const { stringify } = await import('yaml');
  yield stringify(document, { aliasDuplicateObjects: false, lineWidth: 0 });
}

function exempted(findings: readonly OverlaidFinding[]) {
  return findings.flatMap(({ finding, exemption }) => (exemption === undefined ? [] : [{ findingId: finding.id, exemption }]));
}

async function* exported(
  clusters: readonly ReportedCluster[],
  name: AuditFormat,
  inForce: PolicyInForce,
  now: Date,
): AsyncGenerator<string, void, undefined> {
  const format = DOCUMENTS.find((one) => one.name === name);
  if (format === undefined) throw new Error(`There is no document format ${name}.`);
  const { RULES } = await import('../rules/index.ts');
  yield* auditDocument(clusters, format, inForce, RULES, now);
}
