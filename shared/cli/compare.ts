import type { Finding } from '../domain/findings/finding.ts';
import { reconcile } from '../domain/findings/reconcile.ts';
import type { Rule } from '../domain/rule/rule.ts';
import type { AuditedSnapshot } from '../usecases/audit-snapshot.ts';

/** How one finding differs between two snapshots. */
export type ComparedState = 'opened' | 'resolved' | 'changed' | 'not judged' | 'unchanged';

/** A finding and how it differs. */
export interface Compared {
  readonly state: ComparedState;
  readonly finding: Finding;
}

/** The difference between two lists of snapshots. */
export interface Comparison {
  readonly findings: readonly Compared[];
  /** Names of clusters that only the older snapshots contain; nothing newer is known about them. */
  readonly missing: readonly string[];
}

/**
 * Compares snapshots as the app does when it records a scan: a finding is resolved only on evidence, and a finding whose rule
 * could no longer be judged is listed as such.
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
