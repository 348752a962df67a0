import type { WireContainerStatus, WirePod } from '../wire/messages.ts';
import { oneLine } from '../wire/one-line.ts';
import { conditionsOf } from '../wire/opened.ts';

/** A pod's wait: since when, in seconds since 1970, and why. */
export interface Wait {
  readonly since?: number;
  readonly reason?: string;
}

const CREATING = 'ContainerCreating';

/** Whether a pod has ended: nothing of it runs any more, and nothing will. */
export function isFinished({ status }: WirePod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** When a finished pod ended: its last container, or the last change of a condition; at the latest then. */
export function endOf(pod: WirePod): number | undefined {
  const { metadata, status } = pod;
  const containers = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  const ends = containers.map(({ state }) => state?.terminated?.finishedAt?.seconds);
  const told = ends.some(isTime) ? ends : conditionsOf(pod).map(({ lastTransitionTime }) => lastTransitionTime?.seconds);
  const times = [...told, metadata?.creationTimestamp?.seconds].filter(isTime);
  return times.length === 0 ? undefined : Math.max(...times);
}

/** How a living pod waits to start; `gated` when a scheduling gate holds it back, `undefined` when it does not wait. */
export function waitOf(pod: WirePod): Wait | 'gated' | undefined {
  const { metadata, spec, status } = pod;
  if (status?.phase !== 'Pending' && !isCreating(status)) return undefined;
  if ((spec?.schedulingGates?.length ?? 0) > 0) return 'gated';
  const scheduled = conditionsOf(pod).find(({ type }) => type === 'PodScheduled');
  const created = metadata?.creationTimestamp?.seconds ?? undefined;
  const placed = scheduled?.status === 'True' ? (scheduled.lastTransitionTime?.seconds ?? undefined) : undefined;
  // A node may have come late: what takes long from then on is another wait.
  const since = placed ?? created;
  const reason = reasonOf(scheduled?.status === 'False' ? scheduled : undefined, status);
  return { ...(since === undefined ? {} : { since }), ...(reason === undefined ? {} : { reason }) };
}

function reasonOf(
  unscheduled: { readonly reason?: string | null | undefined; readonly message?: string | null | undefined } | undefined,
  status: WirePod['status'],
): string | undefined {
  const words = [unscheduled?.message, unscheduled?.reason, waitingReason(status)].find(
    (one) => one !== undefined && one !== null && one !== '',
  );
  return words === undefined || words === null ? undefined : oneLine(words);
}

function waitingReason(status: WirePod['status']): string | undefined {
  const reasons = statusesOf(status).map(({ state }) => state?.waiting?.reason ?? '');
  return reasons.find((one) => one !== '' && one !== 'PodInitializing');
}

function isCreating(status: WirePod['status']): boolean {
  const isWaiting = ({ state }: WireContainerStatus) => state?.waiting?.reason === CREATING;
  return (status?.containerStatuses?.some(isWaiting) ?? false) || (status?.initContainerStatuses?.some(isWaiting) ?? false);
}

function statusesOf(status: WirePod['status']): readonly WireContainerStatus[] {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
}

function isTime(seconds: number | null | undefined): seconds is number {
  return typeof seconds === 'number';
}
