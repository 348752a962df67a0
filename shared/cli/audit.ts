import { auditKubeconfig } from '../compose/kubeconfig.ts';
import { policyFromText } from '../compose/policy.ts';
import { subjectLabel } from '../domain/finding-text.ts';
import { SEVERITIES, type Severity } from '../domain/rule.ts';
import type { AuditedSnapshot } from '../usecases/audit-snapshot.ts';
import { type AuditFormat, auditDocument, auditFormat } from './audit-document.ts';
import { readText } from './files.ts';
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
export interface AuditOptions extends PrintOptions {
  readonly kubeconfig: string;
  readonly context?: string;
}

/** Audits one cluster, prints what was found, and returns the exit code. */
export async function audit(options: AuditOptions): Promise<number> {
  auditFormat(options.format);
  checkSeverity(options.failOn);
  const policyText = options.policy === undefined ? undefined : await readText(options.policy);
  const result = await auditKubeconfig(options.kubeconfig, options.context, policyText, new Date());
  return auditResult(result, options, policyText);
}

/** Prints a judged snapshot and returns the exit code. */
export async function auditResult(result: AuditedSnapshot, options: PrintOptions, policyText: string | undefined): Promise<number> {
  const limit = checkSeverity(options.failOn);
  await writePieces(options.output, await printed(result, auditFormat(options.format), options.policy, policyText));
  return exitCode(result, limit);
}

async function printed(
  result: AuditedSnapshot,
  format: AuditFormat,
  source: string | undefined,
  policyText: string | undefined,
): Promise<AsyncIterable<string>> {
  if (format === 'table') return one(`${asTable(result)}\n`);
  if (format === 'json') return one(`${JSON.stringify(result, null, 2)}\n`);
  const [{ RULES }, inForce] = await Promise.all([import('../rules/index.ts'), policyFromText(policyText, source ?? '')]);
  return auditDocument(result, format, inForce, RULES, new Date());
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
function exitCode({ findings, snapshot }: AuditedSnapshot, failOn: Severity): number {
  const limit = SEVERITIES.indexOf(failOn);
  if (findings.some(({ severity }) => SEVERITIES.indexOf(severity) <= limit)) return 1;
  return snapshot.workloads.state === 'observed' && snapshot.nodes.state === 'observed' ? 0 : 2;
}

function asTable({ snapshot, findings, unknown }: AuditedSnapshot): string {
  const rows = findings.map(({ severity, ruleId, subject, message }) => [severity, ruleId, subjectLabel(subject), message]);
  const parts = [
    `Cluster ${plain(snapshot.cluster.name)}, ${findings.length} findings, ${unknown.length} could not be judged`,
    rows.length > 0 ? table(['SEVERITY', 'RULE', 'SUBJECT', 'WHAT WAS SEEN'], rows, 100) : 'No finding.',
  ];
  if (unknown.length > 0) {
    const gaps = unknown.map(({ ruleId, message }) => [ruleId, message]);
    parts.push(table(['UNKNOWN', 'WHY'], gaps, 110));
  }
  return parts.join('\n\n');
}
