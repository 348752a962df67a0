import type { EstateFigures } from '../domain/findings/estate-figures.ts';
import type { UnavailableReason } from '../domain/snapshot/observation.ts';
import type { Page } from './finding-store.ts';

/** One run over the whole estate. */
export interface AuditRecord {
  readonly id: string;
  readonly startedAt: string;
  readonly cause: 'timer' | 'request' | 'start';
  /** The object id of the user or app that requested it, never a name; absent for scheduled audits. */
  readonly requestedBy?: string;
  readonly subscriptions: readonly string[];
  /** The selected clusters; absent when the whole estate is audited. */
  readonly clusters?: readonly string[];
  /** What was wrong with the newest policy when the audit began; the audit used the last valid policy. */
  readonly policyProblem?: string;
}

/** The result of an audit, stored with its start when it ends. */
export interface AuditEnd {
  readonly state: 'complete' | 'incomplete';
  /** When its last part reported, RFC 3339. */
  readonly endedAt: string;
  readonly planned: number;
  readonly scanned: number;
  /** Clusters that could not be assessed, or only partly. */
  readonly notAssessed: number;
  readonly notListed: number;
  readonly changed: number;
  /** Totals of the estate when it ended. */
  readonly figures: EstateFigures;
}

/** An entry in the list of audits. */
export interface ListedAudit extends AuditRecord {
  /** Absent while it runs, and for audits of 0.1.0. */
  readonly end?: AuditEnd;
}

/** Result of the inventory of one subscription in an audit. */
export interface AuditedSubscription {
  readonly auditId: string;
  /** The subscription's id, or `management-group:<name>` for a group whose subscriptions could not be listed. */
  readonly subscriptionId: string;
  readonly at: string;
  readonly outcome:
    | { readonly state: 'listed'; readonly clusters: number }
    | { readonly state: 'not-listed'; readonly reason: UnavailableReason };
}

/** State of one cluster in an audit; `planned` until its scan ends. */
export interface AuditedCluster {
  readonly auditId: string;
  readonly clusterId: string;
  readonly at: string;
  readonly state: 'planned' | 'assessed' | 'partly-assessed' | 'not-assessed';
  readonly reasons: readonly UnavailableReason[];
  readonly changed: number;
}

/** An audit with the state of each of its parts. */
export interface AuditReport {
  readonly audit: AuditRecord;
  readonly subscriptions: readonly AuditedSubscription[];
  readonly clusters: readonly AuditedCluster[];
}

/** Audits, one row for each of their parts, so that parts may be written concurrently, twice and in any order. */
export interface AuditStore {
  start(audit: AuditRecord): Promise<void>;
  recordSubscription(outcome: AuditedSubscription): Promise<void>;
  /** A `planned` row never replaces another state. */
  recordCluster(outcome: AuditedCluster): Promise<void>;
  get(auditId: string): Promise<AuditReport | undefined>;
  /** Whether a cluster of the audit still waits for its scan; costs one request. */
  isWaiting(auditId: string): Promise<boolean>;
  /** Records the result of an audit; the newest record stays. Safe to repeat. */
  end(audit: AuditRecord, end: AuditEnd): Promise<void>;
  /** Newest first. */
  list(top: number, after?: string): Promise<Page<ListedAudit>>;
  /** Deletes at most `limit` rows of audits started before a time; returns how many. */
  prune(before: string, limit: number): Promise<number>;
}
