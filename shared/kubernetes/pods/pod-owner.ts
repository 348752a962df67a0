import type { WireObjectMeta, WireOwner } from '../wire/messages.ts';

/** The workload that a pod belongs to. */
export interface PodOwner {
  readonly kind: string;
  readonly name: string;
  /** The API group; absent for a kind of Kubernetes itself, in its own group. */
  readonly group?: string;
  /** Of a CronJob's pod: the minute since 1970 that its run was due. */
  readonly run?: number;
}

/** Labels that differ from pod to pod, from revision to revision or from run to run of one workload. */
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

/** The groups of Kubernetes' own kinds, where it is not the core group; another group's kind of the same name is another kind. */
const HOME_GROUPS: ReadonlyMap<string, string> = new Map([
  ['ReplicaSet', 'apps'],
  ['Deployment', 'apps'],
  ['StatefulSet', 'apps'],
  ['DaemonSet', 'apps'],
  ['Job', 'batch'],
  ['CronJob', 'batch'],
]);

/** API servers check of an owner's kind and name only that there is one: anything else would do for a tenant to invent. */
const KIND = /^[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
const NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/** A CronJob names its Jobs by the minute that they were due. Source: kubernetes pkg/controller/cronjob/utils.go, getJobName. */
const RUN = /-(\d{8})$/;
/** A run starts late when its CronJob was held up; a name like `report-31122025` is a date, whose minute lies years away. */
const LATEST_START_MINUTES = 2 * 24 * 60;
const CLOCKS_DIFFER_MINUTES = 10;

/**
 * The owner of a pod, where a ReplicaSet counts as its Deployment and a Job as its CronJob. A pod without a
 * controller stands for itself, as does one whose controller cannot exist under that kind and name.
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

/** A ReplicaSet's name is its Deployment's and the hash that its pods carry as a label. */
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

/** The labels that all pods of a workload share. */
export function stableLabels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !VARYING_LABELS.has(name)));
}
