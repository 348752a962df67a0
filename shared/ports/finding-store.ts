import type { CauseCount } from '../domain/findings/cause-counts.ts';
import type { Finding, HistoryEntry } from '../domain/findings/finding.ts';
import type { ClusterSummary } from '../domain/findings/summary.ts';
import type { Severity } from '../domain/policy/severity.ts';
import type { Subject } from '../domain/snapshot/subject.ts';

/** What is stored for one cluster, with the token that makes the next write conditional. */
export interface HeldCluster {
  readonly findings: readonly Finding[];
  readonly summary: ClusterSummary | undefined;
  /** The newest observation of which any row was written; newer than the summary's when a writer crashed half-way. */
  readonly observedAt: string | undefined;
  /** History entries of recent causes, including those of a writer that crashed. */
  readonly changedBy: readonly CauseCount[];
  /** Opaque; `undefined` when nothing is stored yet. */
  readonly version: string | undefined;
}

/** The value for a cluster that was never written. */
export const NOTHING_HELD: HeldCluster = { findings: [], summary: undefined, observedAt: undefined, changedBy: [], version: undefined };

/** The outcome of one scan, written as a unit. */
export interface ClusterWrite {
  readonly clusterId: string;
  /** Findings to insert or replace; other findings stay unchanged. */
  readonly findings: readonly Finding[];
  readonly history: readonly HistoryEntry[];
  readonly summary: ClusterSummary;
  /** The stored state that the write was computed from. */
  readonly basedOn: HeldCluster;
}

/** Selects findings; absent members do not filter. */
export interface FindingFilter {
  readonly status?: readonly ('open' | 'resolved')[];
  readonly severity?: readonly Severity[];
  readonly rule?: readonly string[];
  readonly subscription?: readonly string[];
  /** Cluster names or ids, case-insensitive. */
  readonly cluster?: readonly string[];
  /** Tags of the cluster, `name=value` or a name alone. */
  readonly tag?: readonly string[];
  readonly nodePool?: readonly string[];
  readonly namespace?: readonly string[];
  readonly workload?: readonly string[];
  readonly kind?: readonly Subject['kind'][];
  /** Owners; `unassigned` for findings that have none. */
  readonly owner?: readonly string[];
  /** `lastSeenAt` at or after. */
  readonly since?: string;
  /** `firstSeenAt` at or after. */
  readonly firstSeenSince?: string;
  /** Opened, reopened, changed or resolved at or after. */
  readonly changedSince?: string;
  /** Free text over message, names and rule id. */
  readonly q?: string;
}

/** One page of a list; `next` is absent on the last page. */
export interface Page<T> {
  readonly value: readonly T[];
  readonly next?: string;
}

/** A period; without an end, until now. RFC 3339 UTC. */
export interface TimeRange {
  readonly since: string;
  readonly until?: string;
}

/** Findings, their history, and one summary per cluster. */
export interface FindingStore {
  /** Everything that is stored for one cluster. */
  ofCluster(clusterId: string): Promise<HeldCluster>;
  /**
   * Writes one scan. Resolves to `'conflict'`, having closed or changed nothing that a newer scan
   * wrote, when another writer changed the cluster since `basedOn`: read again and recompute.
   * Safe to run twice.
   */
  write(change: ClusterWrite): Promise<'written' | 'conflict'>;
  /** Findings in order of cluster key and id. Throws `Fault('malformed')` for an invalid cursor. */
  list(filter: FindingFilter, top: number, after?: string): Promise<Page<Finding>>;
  /** One finding, or `undefined`. */
  get(id: string): Promise<Finding | undefined>;
  /** A finding's history, newest first. */
  history(findingId: string, top: number, after?: string): Promise<Page<HistoryEntry>>;
  /** History of the whole estate between two times, both included, newest first. */
  changes(between: TimeRange, top: number, after?: string): Promise<Page<HistoryEntry>>;
  /** History of one cluster, by one cause or since a time, newest first. */
  clusterHistory(clusterId: string, of: { readonly cause: string } | { readonly since: string }): Promise<readonly HistoryEntry[]>;
  /** Cluster summaries in order of cluster key. */
  clusters(top: number, after?: string): Promise<Page<ClusterSummary>>;
  /** One cluster's summary, by ARM id. */
  cluster(clusterId: string): Promise<ClusterSummary | undefined>;
  /** Deletes at most `limit` history rows and resolved findings older than the given times; returns how many. Never an open finding. */
  prune(historyBefore: string, resolvedBefore: string, limit: number): Promise<number>;
}
