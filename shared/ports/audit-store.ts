import type { UnavailableReason } from '../domain/snapshot/observation.ts';
import type { Page } from './finding-store.ts';

/** One run over the whole estate. */
export interface AuditRecord {
  readonly id: string;
  readonly startedAt: string;
  readonly cause: 'timer' | 'request' | 'start';
  /** Who asked, when a person did: an app's object id, never a name. */
  readonly requestedBy?: string;
  readonly subscriptions: readonly string[];
  /** What was wrong with the newest policy when the audit began: it went by the last good one. */
  readonly policyProblem?: string;
}

/** What became of one subscription in an audit: its inventory. */
export interface AuditedSubscription {
  readonly auditId: string;
  /** Or `management-group:<name>`, of a group whose subscriptions could not be listed. */
  readonly subscriptionId: string;
  readonly at: string;
  readonly outcome:
    | { readonly state: 'listed'; readonly clusters: number }
    | { readonly state: 'not-listed'; readonly reason: UnavailableReason };
}

/** What became of one cluster in an audit; `planned` until its scan ends. */
export interface AuditedCluster {
  readonly auditId: string;
  readonly clusterId: string;
  readonly at: string;
  readonly state: 'planned' | 'assessed' | 'partly-assessed' | 'not-assessed';
  readonly reasons: readonly UnavailableReason[];
  readonly changed: number;
}

/** An audit with all that became of it. */
export interface AuditReport {
  readonly audit: AuditRecord;
  readonly subscriptions: readonly AuditedSubscription[];
  readonly clusters: readonly AuditedCluster[];
}

/** Audits, one row for each of their parts, so that parts may be written at once, twice and in any order. */
export interface AuditStore {
  start(audit: AuditRecord): Promise<void>;
  recordSubscription(outcome: AuditedSubscription): Promise<void>;
  /** A `planned` row never replaces another state. */
  recordCluster(outcome: AuditedCluster): Promise<void>;
  get(auditId: string): Promise<AuditReport | undefined>;
  /** Newest first. */
  list(top: number, after?: string): Promise<Page<AuditRecord>>;
  /** Deletes at most `limit` rows of audits started before a time; returns how many. */
  prune(before: string, limit: number): Promise<number>;
}
