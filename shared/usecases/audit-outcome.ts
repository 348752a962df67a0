import type { UnavailableReason } from '../domain/snapshot/observation.ts';
import type { AuditReport } from '../ports/audit-store.ts';

/**
 * A scan is tried five times, each within five minutes and hidden between tries for five more: what has
 * not reported after twice that long never will.
 */
export const AUDIT_LIMIT_MS = 2 * 60 * 60_000;

/** What became of an audit, computed from its parts. */
export interface AuditOutcome {
  /** `incomplete`: a subscription could not be listed whole, or has never reported when the time limit passed. */
  readonly state: 'running' | 'complete' | 'incomplete';
  /** Clusters that the audit set out to scan. */
  readonly planned: number;
  /** Clusters whose scan ended, whatever it could see. */
  readonly scanned: number;
  /** Clusters that could not be looked at, or not whole, and why; after the limit also those that never reported. */
  readonly notAssessed: readonly { readonly clusterId: string; readonly reasons: readonly UnavailableReason[] }[];
  /** Subscriptions that could not be listed, or after the limit never reported. */
  readonly notListed: readonly { readonly subscriptionId: string; readonly reason: UnavailableReason }[];
  /** Findings opened, reopened, changed or resolved. */
  readonly changed: number;
  /** From its start to the last part that reported. */
  readonly durationSeconds: number;
}

const WHERE = 'Look among the parked messages, and whether the queue';
const NEVER_REPORTED: UnavailableReason = {
  code: 'timed-out',
  message: `No scan reported within two hours of the audit. ${WHERE} scans is worked off.`,
};
const NEVER_LISTED: UnavailableReason = {
  code: 'timed-out',
  message: `No inventory reported within two hours of the audit. ${WHERE} inventories is worked off.`,
};

/** Says how far an audit is, and what it is silent about; nothing is complete before every part is accounted for. */
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

/** An audit that did not see all of a subscription has ended, but what it did not see may hold anything. */
function stateOf({ silent, waiting, unlisted, overdue }: Counts): AuditOutcome['state'] {
  if (!overdue && silent + waiting > 0) return 'running';
  return silent + unlisted > 0 ? 'incomplete' : 'complete';
}
