import type { EstateFigures } from '../domain/findings/estate-figures.ts';
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
  /** The clusters that were chosen; absent where the whole estate is audited. */
  readonly clusters?: readonly string[];
  /** What was wrong with the newest policy when the audit began; the audit used the last valid one. */
  readonly policyProblem?: string;
}

/** What an audit came to, kept beside its start once it ended. */
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
  /** The estate as it left it. */
  readonly figures: EstateFigures;
}

/** An audit as the list of audits holds it. */
export interface ListedAudit extends AuditRecord {
  /** Absent while it runs, and of audits of 0.1.0. */
  readonly end?: AuditEnd;
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
  /** Whether a cluster of the audit is still to be scanned, at the cost of one request. */
  isWaiting(auditId: string): Promise<boolean>;
  /** Records what an audit came to; the newest record stays. Twice is harmless. */
  end(audit: AuditRecord, end: AuditEnd): Promise<void>;
  /** Newest first. */
  list(top: number, after?: string): Promise<Page<ListedAudit>>;
  /** Deletes at most `limit` rows of audits started before a time; returns how many. */
  prune(before: string, limit: number): Promise<number>;
}
