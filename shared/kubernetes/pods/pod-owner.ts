import type { WireObjectMeta } from '../wire/messages.ts';

/** The workload that a pod belongs to. */
export interface PodOwner {
  readonly kind: string;
  readonly name: string;
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

/** A CronJob names its Jobs by the minute they are for; these are the minutes from 2017 to 2084. Source: kubernetes pkg/controller/cronjob/utils.go. */
const RUN = /-(\d{8})$/;
const RUNS = { first: 25_000_000, last: 60_000_000 };

/** The owner of a pod, where a ReplicaSet counts as its Deployment, a Job as its CronJob, and a pod without any as itself. */
export function ownerOf(metadata: WireObjectMeta | null | undefined): PodOwner {
  const owners = metadata?.ownerReferences ?? [];
  const owner = owners.length > 1 ? (owners.find(({ controller }) => controller === true) ?? owners[0]) : owners[0];
  if (owner === undefined) return { kind: 'Pod', name: metadata?.name ?? '' };
  const { kind, name } = { kind: owner.kind ?? '', name: owner.name ?? '' };
  if (kind === 'ReplicaSet') return templateOwner(name, metadata?.labels ?? {});
  if (kind === 'Job') return jobOwner(name);
  return { kind, name };
}

/** A ReplicaSet's name is its Deployment's and the hash that its pods carry as a label. */
function templateOwner(name: string, labels: Readonly<Record<string, string>>): PodOwner {
  for (const [label, kind] of [
    ['pod-template-hash', 'Deployment'],
    ['rollouts-pod-template-hash', 'Rollout'],
  ] as const) {
    const hash = labels[label];
    if (hash !== undefined && name.endsWith(`-${hash}`)) return { kind, name: name.slice(0, -hash.length - 1) };
  }
  return { kind: 'ReplicaSet', name };
}

function jobOwner(name: string): PodOwner {
  const run = Number(RUN.exec(name)?.[1] ?? 0);
  return run >= RUNS.first && run <= RUNS.last ? { kind: 'CronJob', name: name.replace(RUN, '') } : { kind: 'Job', name };
}

/** The names of the labels that all pods of a workload share, in order. */
export function stableLabelNames(labels: Readonly<Record<string, string>>): readonly string[] {
  return Object.keys(labels)
    .filter((name) => !VARYING_LABELS.has(name))
    .sort();
}
