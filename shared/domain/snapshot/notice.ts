import type { ClusterEvent, ClusterEventKind } from './event.ts';
import { given } from './given.ts';
import type { ClusterSettings } from './snapshot.ts';

/**
 * What an event said of a cluster that a look at it cannot tell. It counts until a newer event speaks of
 * the same matter, Azure says otherwise, or its time ends.
 */
export interface ClusterNotice {
  readonly matter: 'rolling' | 'support';
  readonly nodePool?: string;
  readonly kind: ClusterEventKind;
  /** When it happened, RFC 3339: the newest per matter and node pool counts, whatever order they came in. */
  readonly at: string;
  /** The Kubernetes version that a notice of support is about. */
  readonly kubernetesVersion?: string;
  /** The `resourceUID` of the cluster that it is about: a cluster that is made again under its name has another one. */
  readonly resourceUid?: string;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Clocks differ; a notice from further ahead than this is of a clock that was wrong. */
const AHEAD_MS = MINUTE_MS;

/**
 * How long a notice counts at most. A pool that has been rolling for longer than a day has lost its end
 * event, or is stuck: no excuse for an old image. AKS supports a minor version for about a year.
 */
const LASTS_MS: Readonly<Partial<Record<ClusterEventKind, number>>> = {
  'rolling-started': DAY_MS,
  'rolling-succeeded': DAY_MS,
  'rolling-failed': 30 * DAY_MS,
  'support-ending': 366 * DAY_MS,
  'support-ended': 366 * DAY_MS,
};

/** The notice that an event leaves behind, or `undefined` when a look at the cluster tells all there is to know. */
export function noticeOf({ kind, nodePool, at, kubernetesVersion }: ClusterEvent, now: string): ClusterNotice | undefined {
  // An event cannot have happened after it was received: its sender's clock is wrong.
  const happened = at > now ? now : at;
  if (kind === 'support-ending' || kind === 'support-ended') {
    return kubernetesVersion === undefined ? undefined : { matter: 'support', kind, at: happened, kubernetesVersion };
  }
  if (LASTS_MS[kind] === undefined) return undefined;
  return { matter: 'rolling', kind, at: happened, ...given({ nodePool: nodePool?.toLowerCase() }) };
}

/** When a notice ends at the latest, RFC 3339. */
export function noticeEnds({ kind, at }: ClusterNotice): string {
  return new Date(Date.parse(at) + (LASTS_MS[kind] ?? 0)).toISOString();
}

/** Whether a notice was made by a clock that was ahead of this one. */
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
