import { auditSeen } from '../compose/command-line/kubeconfig.ts';
import { policyFromText } from '../compose/container/policy.ts';
import { subjectLabel } from '../domain/findings/finding-text.ts';
import { exempt, type OverlaidFinding } from '../domain/findings/overlaid-finding.ts';
import { isolationReport } from '../domain/isolation/isolation-report.ts';
import { SEVERITIES, type Severity } from '../domain/policy/severity.ts';
import type { PolicyInForce } from '../ports/policy-source.ts';
import type { AuditedSnapshot } from '../usecases/audit-snapshot.ts';
import { type AuditFormat, auditDocument, auditFormat } from './audit-document.ts';
import { readText } from './files.ts';
import { isolationSteps } from './isolation-steps.ts';
import { checkOneCluster, lookAt, type OneCluster } from './one-cluster.ts';
import { plannedUpgrades } from './planned-upgrades.ts';
import { writePieces } from './stream-file.ts';
import { plain, table } from './table.ts';
import { UsageError } from './usage-error.ts';

/** How a judged snapshot is printed, as typed. */
export interface PrintOptions {
  readonly policy?: string;
  readonly format: string;
  readonly failOn: string;
  readonly output?: string;
}

/** The options of `kataudit audit` as typed. */
export interface AuditOptions extends PrintOptions, OneCluster {}

/** Audits one cluster, prints what was found, and returns the exit code. */
export async function audit(options: AuditOptions): Promise<number> {
  auditFormat(options.format);
  checkSeverity(options.failOn);
  checkOneCluster(options);
  const policyText = options.policy === undefined ? undefined : await readText(options.policy);
  const result = await auditSeen(await lookAt(options, policyText, new Date()), policyText);
  return auditResult(result, options, policyText);
}

/** Prints a judged snapshot and returns the exit code; a finding that a live exemption covers does not count. */
export async function auditResult(
  result: AuditedSnapshot,
  options: PrintOptions,
  policyText: string | undefined,
  now = new Date(),
): Promise<number> {
  const limit = checkSeverity(options.failOn);
  const inForce = await policyFromText(policyText, options.policy ?? '');
  const overlaid = exempt(result.findings, inForce.policy.exemptions, now);
  await writePieces(options.output, await printed(result, overlaid, auditFormat(options.format), inForce, now));
  return exitCode(result, overlaid, limit);
}

async function printed(
  result: AuditedSnapshot,
  overlaid: readonly OverlaidFinding[],
  format: AuditFormat,
  inForce: PolicyInForce,
  now: Date,
): Promise<AsyncIterable<string>> {
  if (format === 'table') return one(`${asTable(result, overlaid)}\n`);
  if (format === 'json') {
    const isolation = isolationReport(result.snapshot);
    return one(`${JSON.stringify({ ...result, exempted: exempted(overlaid), isolation }, null, 2)}\n`);
  }
  const { RULES } = await import('../rules/index.ts');
  return auditDocument(result, format, inForce, RULES, now);
}

function exempted(overlaid: readonly OverlaidFinding[]) {
  return overlaid.flatMap(({ finding, exemption }) => (exemption === undefined ? [] : [{ findingId: finding.id, exemption }]));
}

async function* one(text: string): AsyncGenerator<string, void, undefined> {
  yield text;
}

function checkSeverity(text: string): Severity {
  const severity = SEVERITIES.find((one) => one === text);
  if (severity !== undefined) return severity;
  throw new UsageError(`--fail-on is one of ${SEVERITIES.join(', ')}, not ${JSON.stringify(text)}`);
}

/** 0 clean, 1 findings at or above the severity, 2 something could not be looked at. */
function exitCode({ snapshot }: AuditedSnapshot, overlaid: readonly OverlaidFinding[], failOn: Severity): number {
  const limit = SEVERITIES.indexOf(failOn);
  const counts = overlaid.filter(({ exemption }) => exemption === undefined);
  if (counts.some(({ finding }) => SEVERITIES.indexOf(finding.severity) <= limit)) return 1;
  return snapshot.workloads.state === 'observed' && snapshot.nodes.state === 'observed' ? 0 : 2;
}

function asTable({ snapshot, unknown }: AuditedSnapshot, overlaid: readonly OverlaidFinding[]): string {
  const accepted = overlaid.filter(({ exemption }) => exemption !== undefined);
  const rows = overlaid
    .filter(({ exemption }) => exemption === undefined)
    .map(({ finding: { severity, ruleId, subject, message } }) => [severity, ruleId, subjectLabel(subject), message]);
  const counts = [
    `${rows.length} findings`,
    ...(accepted.length === 0 ? [] : [`${accepted.length} exempted`]),
    `${unknown.length} could not be judged`,
  ];
  const parts = [
    `Cluster ${plain(snapshot.cluster.name)}, ${counts.join(', ')}`,
    rows.length > 0 ? table(['SEVERITY', 'RULE', 'SUBJECT', 'WHAT WAS SEEN'], rows, 100) : 'No finding.',
  ];
  const planned = plannedUpgrades(overlaid.filter(({ exemption }) => exemption === undefined).map(({ finding }) => finding));
  if (planned !== undefined) parts.push(planned);
  const isolation = isolationSteps(snapshot);
  if (isolation !== undefined) parts.push(isolation);
  if (accepted.length > 0) {
    const lines = accepted.map(({ finding, exemption }) => [
      finding.ruleId,
      subjectLabel(finding.subject),
      exemption?.id ?? '',
      exemption?.expiresOn ?? '',
    ]);
    parts.push(table(['EXEMPTED', 'SUBJECT', 'BY', 'UNTIL'], lines, 100));
  }
  if (unknown.length > 0) {
    const gaps = unknown.map(({ ruleId, message }) => [ruleId, message]);
    parts.push(table(['UNKNOWN', 'WHY'], gaps, 110));
  }
  return parts.join('\n\n');
}
