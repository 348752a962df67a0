import type { WireContainerStatus, WirePod } from '../wire/messages.ts';
import { oneLine } from '../wire/one-line.ts';
import { conditionsOf } from '../wire/opened.ts';

/** Since when a pod waits, in seconds since 1970, and why. */
export interface Wait {
  readonly since?: number;
  readonly reason?: string;
}

const CREATING = 'ContainerCreating';

/** Whether a pod has ended, so that it never runs again. */
export function isFinished({ status }: WirePod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** Returns when a finished pod ended: its last container, else the last change of a condition. This is the latest possible time. */
export function endOf(pod: WirePod): number | undefined {
  const { metadata, status } = pod;
  const containers = [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])];
  const ends = containers.map(({ state }) => state?.terminated?.finishedAt?.seconds);
  const told = ends.some(isTime) ? ends : conditionsOf(pod).map(({ lastTransitionTime }) => lastTransitionTime?.seconds);
  const times = [...told, metadata?.creationTimestamp?.seconds].filter(isTime);
  return times.length === 0 ? undefined : Math.max(...times);
}

/** Returns how a pod waits to start; `gated` if a scheduling gate holds it back, `undefined` if it does not wait. */
export function waitOf(pod: WirePod): Wait | 'gated' | undefined {
  const { metadata, spec, status } = pod;
  if (status?.phase !== 'Pending' && !isCreating(status)) return undefined;
  if ((spec?.schedulingGates?.length ?? 0) > 0) return 'gated';
  const scheduled = conditionsOf(pod).find(({ type }) => type === 'PodScheduled');
  const created = metadata?.creationTimestamp?.seconds ?? undefined;
  const placed = scheduled?.status === 'True' ? (scheduled.lastTransitionTime?.seconds ?? undefined) : undefined;
  // The node may have been added late; the wait for the start begins when the pod is scheduled.
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
