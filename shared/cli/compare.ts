import type { Finding } from '../domain/findings/finding.ts';
import { reconcile } from '../domain/findings/reconcile.ts';
import type { Rule } from '../domain/rule/rule.ts';
import type { AuditedSnapshot } from '../usecases/audit-snapshot.ts';

/** What became of one finding between two looks. */
export type ComparedState = 'opened' | 'resolved' | 'changed' | 'not judged' | 'unchanged';

/** A finding, and what became of it. */
export interface Compared {
  readonly state: ComparedState;
  readonly finding: Finding;
}

/** The difference between two lists of looks. */
export interface Comparison {
  readonly findings: readonly Compared[];
  /** Names of clusters that only the older looks hold: of them nothing is known any more. */
  readonly missing: readonly string[];
}

/**
 * Compares looks as the app does when it records a scan: a finding is resolved only on evidence, and one
 * whose rule could not be judged any more is told as such.
 */
export function compareLooks(older: readonly AuditedSnapshot[], newer: readonly AuditedSnapshot[], rules: readonly Rule[]): Comparison {
  const before = new Map(older.map((look) => [look.snapshot.cluster.id, look]));
  const after = new Set(newer.map(({ snapshot }) => snapshot.cluster.id));
  return {
    findings: newer.flatMap((look) => compareLook(before.get(look.snapshot.cluster.id)?.findings ?? [], look, rules)),
    missing: older.filter(({ snapshot }) => !after.has(snapshot.cluster.id)).map(({ snapshot }) => snapshot.cluster.name),
  };
}

function compareLook(held: readonly Finding[], { snapshot, runs }: AuditedSnapshot, rules: readonly Rule[]): readonly Compared[] {
  const scan = { cluster: snapshot.cluster, observedAt: snapshot.observedAt, cause: 'command line' };
  const changes = reconcile(held, runs, scan, rules).map(({ kind, finding }): Compared => ({ state: stateOf(kind, finding), finding }));
  const told = new Set(changes.map(({ finding }) => finding.id));
  return [...changes, ...held.filter(({ id }) => !told.has(id)).map((finding): Compared => ({ state: 'not judged', finding }))];
}

function stateOf(kind: ReturnType<typeof reconcile>[number]['kind'], { stale }: Finding): ComparedState {
  if (kind === 'resolved') return 'resolved';
  if (stale === true) return 'not judged';
  if (kind === 'opened' || kind === 'reopened') return 'opened';
  return kind === 'changed' ? 'changed' : 'unchanged';
}
