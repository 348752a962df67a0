import type { ClusterEvent, ClusterEventKind } from './event.ts';
import { given } from './given.ts';
import type { ClusterSettings } from './snapshot.ts';

/**
 * A fact from an event that a scan cannot read. It is valid until a newer event about the same matter, contradicting data from Azure, or
 * its time limit.
 */
export interface ClusterNotice {
  readonly matter: 'rolling' | 'support';
  readonly nodePool?: string;
  readonly kind: ClusterEventKind;
  /** When it happened, RFC 3339. The newest per matter and node pool is valid, in whatever order they arrived. */
  readonly at: string;
  /** The Kubernetes version of a notice about support. */
  readonly kubernetesVersion?: string;
  /** The `resourceUID` of the cluster; a cluster that is recreated under the same name has another one. */
  readonly resourceUid?: string;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Tolerated clock difference; a notice from further in the future comes from a wrong clock. */
const AHEAD_MS = MINUTE_MS;

/**
 * The maximum validity of a notice. A pool that has been rolling for more than a day has lost its end event or is stuck, which does not
 * excuse an old image. AKS supports a minor version for about a year.
 */
const LASTS_MS: Readonly<Partial<Record<ClusterEventKind, number>>> = {
  'rolling-started': DAY_MS,
  'rolling-succeeded': DAY_MS,
  'rolling-failed': 30 * DAY_MS,
  'support-ending': 366 * DAY_MS,
  'support-ended': 366 * DAY_MS,
};

/** Returns the notice of an event; `undefined` if a scan can read everything that the event says. */
export function noticeOf({ kind, nodePool, at, kubernetesVersion }: ClusterEvent, now: string): ClusterNotice | undefined {
  // An event cannot happen after it was received; the sender's clock is wrong.
  const happened = at > now ? now : at;
  if (kind === 'support-ending' || kind === 'support-ended') {
    return kubernetesVersion === undefined ? undefined : { matter: 'support', kind, at: happened, kubernetesVersion };
  }
  if (LASTS_MS[kind] === undefined) return undefined;
  return { matter: 'rolling', kind, at: happened, ...given({ nodePool: nodePool?.toLowerCase() }) };
}

/** Returns when a notice ends at the latest, RFC 3339. */
export function noticeEnds({ kind, at }: ClusterNotice): string {
  return new Date(Date.parse(at) + (LASTS_MS[kind] ?? 0)).toISOString();
}

/** Whether a notice comes from a clock that was ahead of this one. */
export function isFromAhead({ at }: ClusterNotice, now: string): boolean {
  return Date.parse(at) > Date.parse(now) + AHEAD_MS;
}

/** The notices that apply to a cluster at a time: not expired, not from a wrong clock, and about this cluster and no namesake. */
export function noticesInForce(
  notices: readonly ClusterNotice[],
  { resourceUid }: Pick<ClusterSettings, 'resourceUid'>,
  now: string,
): readonly ClusterNotice[] {
  return notices.filter((notice) => {
    const ofAnother = resourceUid !== undefined && notice.resourceUid !== undefined && notice.resourceUid !== resourceUid;
    return !ofAnother && !isFromAhead(notice, now) && noticeEnds(notice) > now;
  });
}
