import { parseNodeImage } from '../images/node-image.ts';
import type { ClusterNotice } from '../snapshot/notice.ts';
import type { ClusterSettings, NodePool } from '../snapshot/snapshot.ts';

/** Azure's answer about a pool may lag behind an event by minutes; later, the state of the pool decides. */
const SETTLES_MS = 10 * 60_000;

/** A node pool with the events that Azure does not contradict: a roll is in progress, or the last one failed. */
export function withNotices(pool: NodePool, notices: readonly ClusterNotice[], now: string): NodePool {
  const rolling = notices.find(({ matter, nodePool }) => matter === 'rolling' && nodePool === pool.name.toLowerCase());
  if (rolling === undefined || isAnswered(rolling, pool, now)) return pool;
  if (rolling.kind === 'rolling-failed') return { ...pool, rollFailedAt: rolling.at };
  return rolling.kind === 'rolling-started' ? { ...pool, inTransition: true } : pool;
}

/** Whether Azure's answer is newer than the event: a later image, another roll, or a settled state that contradicts it. */
function isAnswered({ kind, at }: ClusterNotice, { nodeImageVersion = '', provisioningState = '' }: NodePool, now: string): boolean {
  const image = parseNodeImage(nodeImageVersion);
  // A day comes before every time of it in the order of texts.
  if (image !== undefined && image.releasedOn > at) return true;
  if (kind === 'rolling-failed' && /^upgrading/i.test(provisioningState)) return true;
  if (Date.parse(now) - Date.parse(at) < SETTLES_MS) return false;
  return kind === 'rolling-failed'
    ? /^succeeded$/i.test(provisioningState)
    : /^(succeeded|failed|canceled|cancelled)$/i.test(provisioningState);
}

/** A cluster's settings with the events about the support of its minor version. */
export function withSupport(settings: ClusterSettings, notices: readonly ClusterNotice[]): ClusterSettings {
  const notice = notices.find(({ matter }) => matter === 'support');
  // AKS supports minor versions. A notice without one was stored by version 0.1.0, and may be about another version.
  const minor = minorOf(notice?.kubernetesVersion);
  if (notice?.kubernetesVersion === undefined || minor === undefined || minor !== minorOf(settings.kubernetesVersion)) return settings;
  const state = notice.kind === 'support-ended' ? 'ended' : 'ending';
  return { ...settings, supportNotice: { state, at: notice.at, kubernetesVersion: notice.kubernetesVersion } };
}

function minorOf(version = ''): string | undefined {
  return /^v?(\d+\.\d+)(?:\.|$)/.exec(version)?.[1];
}
