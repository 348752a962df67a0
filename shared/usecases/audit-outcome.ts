import type { UnavailableReason } from '../domain/snapshot/observation.ts';
import type { AuditReport } from '../ports/audit-store.ts';

/**
 * A scan is tried five times. Each try takes at most five minutes and is followed by at most five minutes in the queue. A scan that has
 * not reported after twice that time never will.
 */
export const AUDIT_LIMIT_MS = 2 * 60 * 60_000;

/** The outcome of an audit, computed from its parts. */
export interface AuditOutcome {
  /** `incomplete`: a subscription could not be listed completely, or had not reported when the time limit passed. */
  readonly state: 'running' | 'complete' | 'incomplete';
  /** Number of clusters that the audit planned to scan. */
  readonly planned: number;
  /** Number of clusters whose scan ended, with or without success. */
  readonly scanned: number;
  /** Clusters that were not or only partly assessed, and why. After the limit also those that never reported. */
  readonly notAssessed: readonly { readonly clusterId: string; readonly reasons: readonly UnavailableReason[] }[];
  /** Subscriptions that could not be listed. After the limit also those that never reported. */
  readonly notListed: readonly { readonly subscriptionId: string; readonly reason: UnavailableReason }[];
  /** Number of findings opened, reopened, changed or resolved. */
  readonly changed: number;
  /** Seconds from the start to the last part that reported. */
  readonly durationSeconds: number;
}

const WHERE = 'Check the parked messages, and whether the app processes the queue';
const NEVER_REPORTED: UnavailableReason = {
  code: 'timed-out',
  message: `No scan reported within two hours of the audit. ${WHERE} scans.`,
};
const NEVER_LISTED: UnavailableReason = {
  code: 'timed-out',
  message: `No inventory reported within two hours of the audit. ${WHERE} inventories.`,
};

/** Computes the state of an audit and what it could not read; it runs until every part has reported or the time limit has passed. */
export function auditOutcome({ audit, subscriptions, clusters }: AuditReport, now: Date): AuditOutcome {
  const overdue = now.getTime() - Date.parse(audit.startedAt) > AUDIT_LIMIT_MS;
  const reported = new Set(subscriptions.map(({ subscriptionId }) => subscriptionId.toLowerCase()));
  const silent = audit.subscriptions.filter((id) => !reported.has(id.toLowerCase()));
  const waiting = clusters.filter(({ state }) => state === 'planned');
  const ended = clusters.filter(({ state }) => state !== 'planned');
  const unlisted = subscriptions.flatMap(({ subscriptionId, outcome }) =>
    outcome.state === 'not-listed' ? [{ subscriptionId, reason: outcome.reason }] : [],
  );
  const last = Math.max(Date.parse(audit.startedAt), ...[...subscriptions, ...ended].map(({ at }) => Date.parse(at)));
  return {
    state: stateOf({ silent: silent.length, waiting: waiting.length, unlisted: unlisted.length, overdue }),
    planned: clusters.length,
    scanned: ended.length,
    notAssessed: [
      ...ended.filter(({ state }) => state !== 'assessed').map(({ clusterId, reasons }) => ({ clusterId, reasons })),
      ...(overdue ? waiting.map(({ clusterId }) => ({ clusterId, reasons: [NEVER_REPORTED] })) : []),
    ],
    notListed: [...unlisted, ...(overdue ? silent.map((subscriptionId) => ({ subscriptionId, reason: NEVER_LISTED })) : [])],
    changed: clusters.reduce((total, { changed }) => total + changed, 0),
    durationSeconds: (last - Date.parse(audit.startedAt)) / 1000,
  };
}

interface Counts {
  readonly silent: number;
  readonly waiting: number;
  readonly unlisted: number;
  readonly overdue: boolean;
}

/** An audit that could not list a whole subscription is incomplete, because clusters may be missing from it. */
function stateOf({ silent, waiting, unlisted, overdue }: Counts): AuditOutcome['state'] {
  if (!overdue && silent + waiting > 0) return 'running';
  return silent + unlisted > 0 ? 'incomplete' : 'complete';
}
