/** A Kata image and a plain one that AKS has published. */
const KATA_IMAGE = 'AKSAzureLinux-V3katagen2-202608.20.0';
const PLAIN_IMAGE = 'AKSUbuntu-2204gen2containerd-202608.20.0';

/** The differences from a ready node without Kata. */
export interface NodeOptions {
  readonly kata?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect: string }[];
  readonly cordoned?: boolean;
  readonly bootId?: string;
}

/** A node like those of AKS. */
export function aNode(name: string, { kata = false, labels = {}, taints = [], cordoned = false, bootId = 'b' }: NodeOptions = {}) {
  const pool = kata ? 'kata' : 'plain';
  const size = { cpu: '15', memory: '60Gi', pods: '110' };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': name,
        agentpool: pool,
        'kubernetes.azure.com/agentpool': pool,
        'kubernetes.azure.com/node-image-version': kata ? KATA_IMAGE : PLAIN_IMAGE,
        ...(kata ? { 'kubernetes.azure.com/kata-vm-isolation': 'true' } : {}),
        ...labels,
      },
    },
    spec: { taints, unschedulable: cordoned },
    status: {
      capacity: size,
      allocatable: size,
      conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: '' }],
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      runtimeHandlers: ['', 'runc', ...(kata ? ['kata'] : [])].map((handler) => ({ name: handler, features: {} })),
      nodeInfo: {
        kernelVersion: kata ? '6.6.137.mshv2-2.azl3' : '5.15.0-1101-azure',
        bootID: bootId,
        osImage: 'Linux',
        containerRuntimeVersion: 'containerd://2.2.4',
        kubeletVersion: 'v1.36.2',
        kubeProxyVersion: 'v1.36.2',
        architecture: 'amd64',
        operatingSystem: 'linux',
        machineID: 'm',
        systemUUID: 'u',
      },
    },
  };
}

/** A RuntimeClass; by default AKS's own. */
export function aClass(name = 'kata-vm-isolation', over: Readonly<Record<string, unknown>> = {}) {
  return {
    apiVersion: 'node.k8s.io/v1',
    kind: 'RuntimeClass',
    metadata: { name },
    handler: 'kata',
    overhead: { podFixed: { memory: '600Mi', cpu: '100m' } },
    scheduling: { nodeSelector: { 'kubernetes.azure.com/kata-vm-isolation': 'true' } },
    ...over,
  };
}

/** A namespace whose pods must be sandboxed. */
export function aTenant(name: string) {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { 'kataudit.io/sandbox': 'required' } } };
}

/** The spec of a pod with one small container. */
export function aPodSpec(runtimeClassName: string | undefined, over: Readonly<Record<string, unknown>> = {}) {
  return {
    ...(runtimeClassName === undefined ? {} : { runtimeClassName }),
    containers: [{ name: 'c', image: 'mcr.microsoft.com/x:1', resources: { limits: { memory: '128Mi', cpu: '50m' } } }],
    ...over,
  };
}

/** Kinds of workloads, and their API paths. */
export const KINDS = {
  Pod: '/api/v1',
  Deployment: '/apis/apps/v1',
  StatefulSet: '/apis/apps/v1',
  DaemonSet: '/apis/apps/v1',
  ReplicaSet: '/apis/apps/v1',
  Job: '/apis/batch/v1',
  CronJob: '/apis/batch/v1',
} as const;
export type Kind = keyof typeof KINDS;

/** The path of a namespace's objects of one kind. */
export function pathOf(kind: Kind, namespace: string, name?: string): string {
  const all = `${KINDS[kind]}/namespaces/${namespace}/${kind.toLowerCase()}s`;
  return name === undefined ? all : `${all}/${name}`;
}

/** A workload with two pods, or as many as its kind creates. */
export function aWorkload(kind: Kind, name: string, spec: object) {
  const labels = { app: name };
  const template = { metadata: { labels }, spec };
  const ends = { metadata: { labels }, spec: { restartPolicy: 'Never', ...spec } };
  const head = { apiVersion: KINDS[kind].replace(/^\/apis?\//, ''), kind, metadata: { name, labels } };
  switch (kind) {
    case 'Pod':
      return { ...head, spec };
    case 'Job':
      return { ...head, spec: { completions: 2, parallelism: 2, template: ends } };
    case 'CronJob':
      return { ...head, spec: { schedule: '* * * * *', jobTemplate: { spec: { template: ends } } } };
    case 'DaemonSet':
      return { ...head, spec: { selector: { matchLabels: labels }, template } };
    case 'StatefulSet':
      return { ...head, spec: { replicas: 2, serviceName: name, selector: { matchLabels: labels }, template } };
    default:
      return { ...head, spec: { replicas: 2, selector: { matchLabels: labels }, template } };
  }
}
