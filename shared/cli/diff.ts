import { subjectLabel } from '../domain/findings/finding-text.ts';
import type { Policy } from '../domain/policy/policy.ts';
import { SEVERITIES, type Severity } from '../domain/policy/severity.ts';
import type { AuditedSnapshot } from '../usecases/audit-snapshot.ts';
import type { AppOptions } from './client/connection.ts';
import { type Compared, type Comparison, compareLooks } from './compare.ts';
import { type Destination, deliver, destinationsOf, type Wanted } from './frame/destinations.ts';
import { readText, sourceName } from './frame/files.ts';
import type { Surroundings } from './frame/surroundings.ts';
import { type Row, table } from './frame/table.ts';
import type { Page } from './frame/terminal.ts';
import { UsageError } from './frame/usage-error.ts';
import { policyOf } from './policy-option.ts';
import { looksInText, savedLooks } from './saved-report.ts';

type Format = 'table' | 'json';

/** The options of `kataudit diff`. */
export interface DiffOptions {
  readonly policy?: string;
  readonly failOn: Severity;
  readonly format?: readonly Wanted<Format>[];
  readonly output?: string;
}

/** The options of `kataudit policy preview`. */
export interface PreviewOptions extends DiffOptions, AppOptions {
  /** Saved snapshots; if absent, those of a running app. */
  readonly snapshot?: readonly string[];
}

/** `kataudit diff`: shows which findings opened and resolved between two files of snapshots. */
export async function diff(here: Surroundings, older: string, newer: string, options: DiffOptions): Promise<number> {
  const destinations = await destinationsOf(options.format, 'table', options.output);
  const { policy } = await policyOf(options.policy);
  const [before, after] = [await savedLooks(older, policy), await savedLooks(newer, policy)];
  assertInOrder(before, after);
  const { RULES } = await import('../rules/index.ts');
  return tell(here, compareLooks(before, after, RULES), destinations, options.failOn);
}

/**
 * `kataudit policy preview`: shows which findings another policy would open and resolve, for saved snapshots or those of a
 * running app.
 */
export async function policyPreview(here: Surroundings, file: string, options: PreviewOptions): Promise<number> {
  const destinations = await destinationsOf(options.format, 'table', options.output);
  const [now, then] = [await policyOf(options.policy), await policyOf(file)];
  const { RULES } = await import('../rules/index.ts');
  const findings: Compared[] = [];
  const missing: string[] = [];
  for await (const look of looksOf(here, options, now.hash)) {
    const judged = async (policy: Policy) => (look.text === undefined ? [] : await looksInText(look.text, look.source, policy));
    const comparison = compareLooks(await judged(now.policy), await judged(then.policy), RULES);
    findings.push(...comparison.findings);
    missing.push(...(look.text === undefined ? [look.source] : comparison.missing));
  }
  return tell(here, { findings, missing }, destinations, options.failOn);
}

/** The text of a snapshot and its source; no text if an app has none. */
interface LookText {
  readonly source: string;
  readonly text?: string;
}

/** One snapshot at a time: the snapshots of an estate do not fit into memory together. */
async function* looksOf(here: Surroundings, options: PreviewOptions, policyHash: string): AsyncGenerator<LookText, void, undefined> {
  for (const source of options.snapshot ?? []) yield { source: sourceName(source), text: await readText(source) };
  if (options.snapshot !== undefined) return;
  const { heldLooks } = await import('./client/held-looks.ts');
  for await (const { name, snapshot } of heldLooks(here, options, policyHash)) {
    yield { source: name, ...(snapshot === undefined ? {} : { text: JSON.stringify(snapshot) }) };
  }
}

function assertInOrder(before: readonly AuditedSnapshot[], after: readonly AuditedSnapshot[]): void {
  for (const { snapshot } of after) {
    const older = before.find((look) => look.snapshot.cluster.id === snapshot.cluster.id)?.snapshot;
    if (older !== undefined && older.observedAt > snapshot.observedAt) {
      throw new UsageError(`${snapshot.cluster.name} has a later scan in the first file than in the second. Give the older file first.`);
    }
  }
}

async function tell(
  { terminal }: Surroundings,
  comparison: Comparison,
  destinations: readonly Destination<Format>[],
  failOn: Severity,
): Promise<number> {
  await deliver(terminal, destinations, (format, page) =>
    format === 'json' ? JSON.stringify(comparison, null, 2) : differences(comparison, page),
  );
  const limit = SEVERITIES.indexOf(failOn);
  if (comparison.findings.some(({ state, finding }) => state === 'opened' && SEVERITIES.indexOf(finding.severity) <= limit)) return 1;
  return comparison.missing.length > 0 || comparison.findings.some(({ state }) => state === 'not judged') ? 2 : 0;
}

function differences({ findings, missing }: Comparison, page: Page): string {
  const count = (state: Compared['state']) => findings.filter((one) => one.state === state).length;
  const shown = findings.filter(({ state }) => state !== 'unchanged').toSorted(bySeverity);
  const head = `${count('opened')} opened, ${count('resolved')} resolved, ${count('changed')} changed, ${count('not judged')} no longer judged, ${count('unchanged')} unchanged.`;
  return [
    head,
    ...(shown.length === 0 ? [] : [table(['CHANGE', 'SEVERITY', 'CLUSTER', 'RULE', 'SUBJECT', 'OBSERVED'], shown.map(row), page)]),
    ...(missing.length === 0 ? [] : [`No longer scanned: ${missing.join(', ')}.`]),
  ].join('\n\n');
}

function bySeverity(a: Compared, b: Compared): number {
  return SEVERITIES.indexOf(a.finding.severity) - SEVERITIES.indexOf(b.finding.severity);
}

function row({ state, finding: { severity, clusterName, ruleId, subject, message, resolution } }: Compared): Row {
  const why = resolution === undefined ? state : `${state} (${resolution})`;
  return {
    cells: [why, severity, clusterName, ruleId, subjectLabel(subject), message],
    style: state === 'resolved' ? 'good' : severity,
  };
}
