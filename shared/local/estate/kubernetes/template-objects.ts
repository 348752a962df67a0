import type { TemplateKind } from '../../../domain/snapshot/pod-template.ts';
import type { EstateCluster, EstateWorkload } from '../model.ts';
import { guid, pick } from '../random.ts';
import type { KubernetesObject } from './pod-object.ts';

/** A workload that has a pod template, and its object as an API server shows it. */
export interface TemplateObject {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  json(): KubernetesObject;
}

/** The workloads of one kind; one in the middle of a rollout is a single object, with the template of its newest revision. */
export function templateObjects(
  kind: TemplateKind,
  { cluster, seed, createdAt }: { readonly cluster: EstateCluster; readonly seed: string; readonly createdAt: string },
): readonly TemplateObject[] {
  const newest = new Map<string, EstateWorkload>();
  for (const workload of templateWorkloads(cluster)) {
    if (workload.kind !== kind) continue;
    const key = `${workload.namespace}/${workload.name}`;
    if ((newest.get(key)?.revision ?? 0) < workload.revision) newest.set(key, workload);
  }
  return [...newest.values()].map((workload) => ({
    namespace: workload.namespace,
    name: workload.name,
    labels: workload.labels,
    json: () => templateObject(workload, guid(seed, cluster.name, workload.namespace, workload.name), createdAt),
  }));
}

/** The workloads of Kubernetes' own kinds; objects of other API groups are not served. */
function templateWorkloads({ workloads }: EstateCluster): readonly EstateWorkload[] {
  return workloads.filter(({ ownerGroup }) => ownerGroup === undefined);
}

function templateObject(workload: EstateWorkload, uid: string, creationTimestamp: string): KubernetesObject {
  const { namespace, name, labels, replicas } = workload;
  return {
    metadata: { name, namespace, uid, resourceVersion: String(1_000 + pick(99_000, uid)), generation: 2, creationTimestamp, labels },
    spec: specOf(workload),
    status: {
      observedGeneration: 2,
      replicas,
      ...(workload.held === 'quota' ? { conditions: [QUOTA] } : {}),
    },
  };
}

/** The message of the ReplicaSet controller. */
const QUOTA = {
  type: 'ReplicaFailure',
  status: 'True',
  reason: 'FailedCreate',
  message:
    'pods "web-" is forbidden: exceeded quota: team, requested: limits.memory=512Mi, used: limits.memory=8Gi, limited: limits.memory=8Gi',
};

function specOf(workload: EstateWorkload): KubernetesObject {
  const { kind, held, labels, replicas } = workload;
  const template = { metadata: { labels }, spec: podSpecOf(workload) };
  switch (kind) {
    case 'CronJob':
      return { schedule: '0 3 * * *', suspend: held === 'suspended', jobTemplate: { spec: { template } } };
    case 'DaemonSet':
      return { selector: { matchLabels: labels }, template, updateStrategy: { type: held === 'on-delete' ? 'OnDelete' : 'RollingUpdate' } };
    case 'StatefulSet': {
      const rolling = { type: 'RollingUpdate', rollingUpdate: { partition: held === 'partition' ? replicas : 0 } };
      return {
        replicas,
        selector: { matchLabels: labels },
        template,
        updateStrategy: held === 'on-delete' ? { type: 'OnDelete' } : rolling,
      };
    }
    default:
      return { replicas, selector: { matchLabels: labels }, template, ...(held === 'paused' ? { paused: true } : {}) };
  }
}

function podSpecOf({
  kind,
  templateClass,
  runtimeClassName,
  hostNetwork,
  hostPid,
  hostIpc,
  memoryLimit,
}: EstateWorkload): KubernetesObject {
  const named = templateClass ?? runtimeClassName;
  return {
    ...(named === undefined ? {} : { runtimeClassName: named }),
    ...(hostNetwork === true ? { hostNetwork } : {}),
    ...(hostPid === true ? { hostPID: true } : {}),
    ...(hostIpc === true ? { hostIPC: true } : {}),
    restartPolicy: kind === 'CronJob' ? 'Never' : 'Always',
    containers: [
      {
        name: 'app',
        image: 'mcr.microsoft.com/oss/nginx/nginx:1.27',
        resources: memoryLimit === undefined ? {} : { limits: { memory: memoryLimit } },
      },
    ],
  };
}
