import type { WireObjectMeta, WireOwner } from '../wire/messages.ts';

/** The workload that a pod belongs to. */
export interface PodOwner {
  readonly kind: string;
  readonly name: string;
  /** The API group; absent for a built-in kind in its own group. */
  readonly group?: string;
  /** For a pod of a CronJob: the scheduled minute of its run, since 1970. */
  readonly run?: number;
}

/** Labels that differ between pods, revisions or runs of one workload. */
const VARYING_LABELS: ReadonlySet<string> = new Set([
  'pod-template-hash',
  'rollouts-pod-template-hash',
  'controller-revision-hash',
  'pod-template-generation',
  'statefulset.kubernetes.io/pod-name',
  'apps.kubernetes.io/pod-index',
  'batch.kubernetes.io/job-completion-index',
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-name',
  'controller-uid',
  'job-name',
]);

/** The API groups of the built-in kinds outside the core group. The same kind in another group is a different kind. */
const HOME_GROUPS: ReadonlyMap<string, string> = new Map([
  ['ReplicaSet', 'apps'],
  ['Deployment', 'apps'],
  ['StatefulSet', 'apps'],
  ['DaemonSet', 'apps'],
  ['Job', 'batch'],
  ['CronJob', 'batch'],
]);

/** API servers do not validate an owner's kind and name, so a tenant can invent any text. */
const KIND = /^[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
const NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/** A CronJob names its Jobs by the scheduled minute. Source: kubernetes pkg/controller/cronjob/utils.go, getJobName. */
const RUN = /-(\d{8})$/;
/** A run can start late if its CronJob was delayed. A name like `report-31122025` contains a date, which as a minute is years away. */
const LATEST_START_MINUTES = 2 * 24 * 60;
const CLOCKS_DIFFER_MINUTES = 10;

/**
 * Returns the owner of a pod: a ReplicaSet counts as its Deployment and a Job as its CronJob. A pod without a controller, or whose
 * controller's kind and name are invalid, is its own owner.
 */
export function ownerOf(metadata: WireObjectMeta | null | undefined): PodOwner {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true);
  const itself = { kind: 'Pod', name: metadata?.name ?? '' };
  if (owner === undefined) return itself;
  const { kind, name, group } = read(owner);
  if (!KIND.test(kind) || !NAME.test(name) || (group !== undefined && !NAME.test(group))) return itself;
  if (group !== undefined) return { kind, name, group };
  if (kind === 'ReplicaSet') return templateOwner(name, metadata?.labels ?? {});
  if (kind === 'Job') return jobOwner(name, metadata?.creationTimestamp?.seconds);
  return { kind, name };
}

function read({ kind: ownKind, name, apiVersion }: WireOwner): PodOwner {
  const kind = ownKind ?? '';
  const version = apiVersion ?? '';
  const group = version.includes('/') ? version.slice(0, version.lastIndexOf('/')) : '';
  const isAtHome = version === '' || group === (HOME_GROUPS.get(kind) ?? '');
  return { kind, name: name ?? '', ...(isAtHome ? {} : { group }) };
}

/** The name of a ReplicaSet is the name of its Deployment plus the hash that its pods have as a label. */
function templateOwner(name: string, labels: Readonly<Record<string, string>>): PodOwner {
  for (const [label, owner] of [
    ['pod-template-hash', { kind: 'Deployment' }],
    ['rollouts-pod-template-hash', { kind: 'Rollout', group: 'argoproj.io' }],
  ] as const) {
    const hash = labels[label];
    if (hash !== undefined && name.endsWith(`-${hash}`)) return { ...owner, name: name.slice(0, -hash.length - 1) };
  }
  return { kind: 'ReplicaSet', name };
}

function jobOwner(name: string, createdSeconds: number | null | undefined): PodOwner {
  const run = Number(RUN.exec(name)?.[1]);
  const late = typeof createdSeconds === 'number' ? createdSeconds / 60 - run : Number.NaN;
  const isRun = late > -CLOCKS_DIFFER_MINUTES && late < LATEST_START_MINUTES;
  return isRun ? { kind: 'CronJob', name: name.replace(RUN, ''), run } : { kind: 'Job', name };
}

/** Returns the labels that all pods of a workload share. */
export function stableLabels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !VARYING_LABELS.has(name)));
}
