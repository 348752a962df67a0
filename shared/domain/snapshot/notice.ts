import type { ClusterEvent, ClusterEventKind } from './event.ts';
import type { ClusterSettings, NodePool } from './snapshot.ts';

/** What an event said of a cluster that a look at it cannot tell, kept until a newer event speaks of the same matter. */
export interface ClusterNotice {
  readonly matter: 'rolling' | 'support';
  readonly nodePool?: string;
  readonly kind: ClusterEventKind;
  /** When it happened, RFC 3339: the newest per matter and node pool counts, whatever order they came in. */
  readonly at: string;
}

/** A pool that has been rolling for longer than this has lost its end event, or is stuck: no excuse for an old image. */
const LONGEST_ROLL_MS = 24 * 3_600_000;

const MATTER: Readonly<Partial<Record<ClusterEventKind, ClusterNotice['matter']>>> = {
  'rolling-started': 'rolling',
  'rolling-succeeded': 'rolling',
  'rolling-failed': 'rolling',
  'support-ending': 'support',
  'support-ended': 'support',
};

/** The notice that an event leaves behind, or `undefined` when a look at the cluster tells all there is to know. */
export function noticeOf({ kind, nodePool, at }: ClusterEvent): ClusterNotice | undefined {
  const matter = MATTER[kind];
  if (matter === undefined) return undefined;
  return { matter, kind, at, ...(nodePool === undefined ? {} : { nodePool: nodePool.toLowerCase() }) };
}

/** A node pool with what events said of it: rolling now, or that its last roll failed. */
export function withNotices(pool: NodePool, notices: readonly ClusterNotice[], now: string): NodePool {
  const rolling = notices.find(({ matter, nodePool }) => matter === 'rolling' && nodePool === pool.name.toLowerCase());
  if (rolling?.kind === 'rolling-failed') return { ...pool, rollFailedAt: rolling.at };
  const started = rolling?.kind === 'rolling-started' && Date.parse(now) - Date.parse(rolling.at) < LONGEST_ROLL_MS;
  return started ? { ...pool, inTransition: true } : pool;
}

/** A cluster's settings with what events said of the support of its Kubernetes version. */
export function withSupport(settings: ClusterSettings, notices: readonly ClusterNotice[]): ClusterSettings {
  const notice = notices.find(({ matter }) => matter === 'support');
  if (notice === undefined) return settings;
  return { ...settings, supportNotice: { state: notice.kind === 'support-ended' ? 'ended' : 'ending', at: notice.at } };
}
