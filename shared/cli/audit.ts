import { auditSeen } from '../compose/command-line/kubeconfig.ts';
import { exempt, type OverlaidFinding } from '../domain/findings/overlaid-finding.ts';
import { isolationReport } from '../domain/isolation/isolation-report.ts';
import { SEVERITIES, type Severity } from '../domain/policy/severity.ts';
import type { PolicyInForce } from '../ports/policy-source.ts';
import type { AuditedSnapshot } from '../usecases/audit-snapshot.ts';
import { auditDocument } from './audit-document.ts';
import { type AuditFormat, DOCUMENTS } from './audit-formats.ts';
import { auditTable } from './audit-table.ts';
import { type Destination, deliver, destinationsOf, type Wanted } from './frame/destinations.ts';
import type { Surroundings } from './frame/surroundings.ts';
import { checkOneCluster, lookAt, type OneCluster } from './one-cluster.ts';
import { policyOf } from './policy-option.ts';

/** How a judged snapshot is printed, as typed. */
export interface PrintOptions {
  readonly policy?: string;
  readonly format?: readonly Wanted<AuditFormat>[];
  readonly failOn: Severity;
  readonly output?: string;
}

/** The options of `kataudit audit` as typed. */
export interface AuditOptions extends PrintOptions, OneCluster {}

/** Audits one cluster, prints what was found, and returns the exit code. */
export async function audit(here: Surroundings, options: AuditOptions): Promise<number> {
  checkOneCluster(options);
  const destinations = await destinationsOf(options.format, 'table', options.output);
  const inForce = await policyOf(options.policy);
  const result = await auditSeen(await lookAt(options, inForce.policy, here), inForce.policy);
  return auditResult(here, result, destinations, inForce, options.failOn);
}

/** Prints a judged snapshot and returns the exit code; a finding that a live exemption covers does not count. */
export async function auditResult(
  here: Surroundings,
  result: AuditedSnapshot,
  destinations: readonly Destination<AuditFormat>[],
  inForce: PolicyInForce,
  failOn: Severity,
): Promise<number> {
  const now = here.now();
  const overlaid = exempt(result.findings, inForce.policy.exemptions, now);
  await deliver(here.terminal, destinations, (format, page) => {
    if (format === 'table') return auditTable(result, overlaid, page);
    if (format === 'json') return JSON.stringify(ownDocument(result, overlaid), null, 2);
    return exported(result, format, inForce, now);
  });
  return exitCode(result, overlaid, failOn);
}

/** The document of one look that holds all that was seen, and all that was said of it. */
function ownDocument(result: AuditedSnapshot, overlaid: readonly OverlaidFinding[]) {
  return { ...result, exempted: exempted(overlaid), isolation: isolationReport(result.snapshot) };
}

function exempted(overlaid: readonly OverlaidFinding[]) {
  return overlaid.flatMap(({ finding, exemption }) => (exemption === undefined ? [] : [{ findingId: finding.id, exemption }]));
}

async function* exported(result: AuditedSnapshot, name: AuditFormat, inForce: PolicyInForce, now: Date): AsyncGenerator<string> {
  const format = DOCUMENTS.find((one) => one.name === name);
  if (format === undefined) throw new Error(`There is no document format ${name}.`);
  const { RULES } = await import('../rules/index.ts');
  yield* auditDocument(result, format, inForce, RULES, now);
}

/** 0 clean, 1 findings at or above the severity, 2 something could not be looked at. */
function exitCode({ snapshot }: AuditedSnapshot, overlaid: readonly OverlaidFinding[], failOn: Severity): number {
  const limit = SEVERITIES.indexOf(failOn);
  const counts = overlaid.filter(({ exemption }) => exemption === undefined);
  if (counts.some(({ finding }) => SEVERITIES.indexOf(finding.severity) <= limit)) return 1;
  return snapshot.workloads.state === 'observed' && snapshot.nodes.state === 'observed' ? 0 : 2;
}
