import { parseNodeImage } from '../images/node-image.ts';
import type { ClusterNotice } from '../snapshot/notice.ts';
import type { ClusterSettings, NodePool } from '../snapshot/snapshot.ts';

/** What Azure says of a pool may lag behind an event by minutes; after that, the pool's own state decides. */
const SETTLES_MS = 10 * 60_000;

/** A node pool with what events said of it and Azure does not contradict: rolling now, or that its last roll failed. */
export function withNotices(pool: NodePool, notices: readonly ClusterNotice[], now: string): NodePool {
  const rolling = notices.find(({ matter, nodePool }) => matter === 'rolling' && nodePool === pool.name.toLowerCase());
  if (rolling === undefined || isAnswered(rolling, pool, now)) return pool;
  if (rolling.kind === 'rolling-failed') return { ...pool, rollFailedAt: rolling.at };
  return rolling.kind === 'rolling-started' ? { ...pool, inTransition: true } : pool;
}

/** Whether Azure has said something newer: an image of after the event, another roll, or a settled state that says otherwise. */
function isAnswered({ kind, at }: ClusterNotice, { nodeImageVersion = '', provisioningState = '' }: NodePool, now: string): boolean {
  const image = parseNodeImage(nodeImageVersion);
  if (image !== undefined && image.releasedOn > at.slice(0, 10)) return true;
  if (kind === 'rolling-failed' && /^upgrading/i.test(provisioningState)) return true;
  if (Date.parse(now) - Date.parse(at) < SETTLES_MS) return false;
  return kind === 'rolling-failed'
    ? /^succeeded$/i.test(provisioningState)
    : /^(succeeded|failed|canceled|cancelled)$/i.test(provisioningState);
}

/** A cluster's settings with what events said of the support of the minor version that it runs. */
export function withSupport(settings: ClusterSettings, notices: readonly ClusterNotice[]): ClusterSettings {
  const notice = notices.find(({ matter }) => matter === 'support');
  // AKS supports minor versions; a notice that names none was kept by version 0.1.0 and cannot be told to be of this one.
  const minor = minorOf(notice?.kubernetesVersion);
  if (notice?.kubernetesVersion === undefined || minor === undefined || minor !== minorOf(settings.kubernetesVersion)) return settings;
  const state = notice.kind === 'support-ended' ? 'ended' : 'ending';
  return { ...settings, supportNotice: { state, at: notice.at, kubernetesVersion: notice.kubernetesVersion } };
}

function minorOf(version = ''): string | undefined {
  return /^v?(\d+\.\d+)(?:\.|$)/.exec(version)?.[1];
}
