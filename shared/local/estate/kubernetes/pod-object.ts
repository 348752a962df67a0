import type { EstateCluster } from '../model.ts';
import { digest, guid, pick } from '../random.ts';
import type { PlacedPod } from './placement.ts';

/** A Kubernetes object in JSON. */
export type KubernetesObject = Record<string, unknown>;

/** What the content of a pod depends on besides the pod itself. */
export interface PodContext {
  readonly seed: string;
  readonly cluster: EstateCluster;
  /** When everything was created. */
  readonly createdAt: string;
}

/** The texts in which the pods of one workload differ; each has the same length in all of them. */
export interface PodIdentity {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly nodeName: string;
  readonly hostIp: string;
  readonly podIp: string;
  readonly containerId: string;
}

/** What distinguishes a pod from the others of its workload. */
export function podIdentity({ workload, name, node }: PlacedPod, { seed, cluster }: PodContext): PodIdentity {
  const hex = digest(seed, cluster.name, workload.namespace, name);
  const number = (at: number) => Number.parseInt(hex.slice(at, at + 6), 16);
  return {
    name,
    uid: `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`,
    resourceVersion: String(100_000 + (number(32) % 900_000)),
    nodeName: node?.name ?? '',
    hostIp: node === undefined ? '' : hostAddress(node.name),
    podIp: `10.244.${100 + (number(38) % 155)}.${100 + (number(44) % 155)}`,
    containerId: `containerd://${hex}`,
  };
}

/** A pod as an API server shows it, with all the unused fields of a real one. */
export function podObject(pod: PlacedPod, context: PodContext): KubernetesObject {
  const { workload, name, owner, controllerLabels } = pod;
  const { seed, cluster, createdAt } = context;
  const identity = podIdentity(pod, context);
  const labels = { ...workload.labels, ...controllerLabels };
  return {
    metadata: {
      name,
      ...(owner === undefined ? {} : { generateName: `${owner.name}-` }),
      namespace: workload.namespace,
      uid: identity.uid,
      resourceVersion: identity.resourceVersion,
      creationTimestamp: createdAt,
      labels,
      annotations: {
        'checksum/config': digest(workload.name, 'config'),
        'prometheus.io/port': '9090',
        'prometheus.io/scrape': 'true',
      },
      ...(owner === undefined
        ? {}
        : {
            ownerReferences: [
              { ...owner, uid: guid(seed, cluster.name, workload.namespace, owner.name), controller: true, blockOwnerDeletion: true },
            ],
          }),
      managedFields: managedFields(Object.keys(labels), createdAt),
    },
    spec: podSpec(pod),
    status: podStatus(pod, identity, createdAt),
  };
}

function podSpec({ workload, node, runtimeClass }: PlacedPod): KubernetesObject {
  const { hostPath, hostNetwork, hostPid, hostIpc, runtimeClassName, nodePool, state } = workload;
  return {
    volumes: [
      ...(hostPath === undefined ? [] : [{ name: 'host', hostPath: { path: hostPath, type: '' } }]),
      ...(workload.claim === undefined ? [] : [{ name: 'data', persistentVolumeClaim: { claimName: workload.name } }]),
      { name: 'tmp', emptyDir: {} },
      { name: 'config', configMap: { name: `${workload.name}-config`, defaultMode: 420 } },
      {
        name: 'kube-api-access',
        projected: {
          sources: [
            { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
            { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
            { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
          ],
          defaultMode: 420,
        },
      },
    ],
    containers: [container(workload)],
    ...(workload.sidecar === true ? { initContainers: [sidecarContainer(workload)] } : {}),
    ...(state === 'gated' ? { schedulingGates: [{ name: 'kueue.x-k8s.io/admission' }] } : {}),
    restartPolicy: ['Job', 'CronJob'].includes(workload.kind) ? 'Never' : 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    serviceAccountName: 'default',
    serviceAccount: 'default',
    ...(node === undefined ? {} : { nodeName: node.name }),
    nodeSelector: { ...runtimeClass?.nodeSelector, ...(nodePool === undefined ? {} : { agentpool: nodePool }) },
    ...(hostNetwork === true ? { hostNetwork } : {}),
    ...(hostPid === true ? { hostPID: true } : {}),
    ...(hostIpc === true ? { hostIPC: true } : {}),
    securityContext: {},
    schedulerName: 'default-scheduler',
    tolerations: ['not-ready', 'unreachable'].map((taint) => ({
      key: `node.kubernetes.io/${taint}`,
      operator: 'Exists',
      effect: 'NoExecute',
      tolerationSeconds: 300,
    })),
    priority: 0,
    ...(runtimeClassName === undefined ? {} : { runtimeClassName }),
    ...(runtimeClass?.overheadMemory === undefined ? {} : { overhead: { memory: runtimeClass.overheadMemory } }),
    enableServiceLinks: true,
    preemptionPolicy: 'PreemptLowerPriority',
  };
}

function container({ name, memoryLimit, privileged, hostPath }: PlacedPod['workload']): KubernetesObject {
  return {
    name,
    image: `registry.example.com/${name}:1.8.2`,
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    env: [
      { name: 'POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
      ...Array.from({ length: 24 }, (_, at) => ({ name: `SETTING_${at}`, value: digest(name, 'setting', at).slice(0, 40) })),
    ],
    resources: {
      ...(memoryLimit === undefined ? {} : { limits: { cpu: '1', memory: memoryLimit } }),
      requests: { cpu: '100m', memory: '128Mi' },
    },
    volumeMounts: [
      ...(hostPath === undefined ? [] : [{ name: 'host', mountPath: '/host' }]),
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'config', readOnly: true, mountPath: '/etc/config' },
      { name: 'kube-api-access', readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
    ],
    livenessProbe: probe('/live'),
    readinessProbe: probe('/ready'),
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
    ...(privileged === true ? { securityContext: { privileged } } : {}),
  };
}

/** A native sidecar: an init container that runs as long as the pod does. */
function sidecarContainer(workload: PlacedPod['workload']): KubernetesObject {
  const { resources: _, ...rest } = container({ ...workload, name: `${workload.name}-mesh` });
  return { ...rest, resources: {}, restartPolicy: 'Always' };
}

function probe(path: string): KubernetesObject {
  return {
    httpGet: { path, port: 'http', scheme: 'HTTP' },
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  };
}

function podStatus(
  { workload, node, phase, waiting }: PlacedPod,
  { hostIp, podIp, containerId }: PodIdentity,
  createdAt: string,
): KubernetesObject {
  if (node === undefined) {
    const message = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.";
    return {
      phase,
      conditions: [{ ...condition('PodScheduled', false, createdAt), reason: 'Unschedulable', message }],
      qosClass: 'Burstable',
    };
  }
  const running = phase === 'Running';
  return {
    phase,
    conditions: [
      condition('PodReadyToStartContainers', running, createdAt),
      condition('Initialized', true, createdAt),
      condition('Ready', running, createdAt),
      condition('ContainersReady', running, createdAt),
      condition('PodScheduled', true, createdAt),
    ],
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    ...(waiting === 'ContainerCreating' ? {} : { podIP: podIp, podIPs: [{ ip: podIp }] }),
    startTime: createdAt,
    containerStatuses: [
      {
        name: workload.name,
        state: containerState(phase, waiting, createdAt),
        lastState: {},
        ready: running,
        restartCount: 0,
        image: `registry.example.com/${workload.name}:1.8.2`,
        imageID: waiting === undefined ? `registry.example.com/${workload.name}@sha256:${digest(workload.name)}` : '',
        ...(waiting === undefined ? { containerID: containerId } : {}),
        started: running,
      },
    ],
    qosClass: 'Burstable',
  };
}

function containerState(phase: PlacedPod['phase'], reason: PlacedPod['waiting'], at: string): KubernetesObject {
  if (reason !== undefined) return { waiting: { reason } };
  if (phase === 'Running') return { running: { startedAt: at } };
  const exitCode = phase === 'Succeeded' ? 0 : 1;
  return { terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', startedAt: at, finishedAt: at } };
}

function condition(type: string, status: boolean, lastTransitionTime: string): KubernetesObject {
  return { type, status: status ? 'True' : 'False', lastProbeTime: null, lastTransitionTime };
}

/** The address of a node inside its network. */
export function hostAddress(node: string): string {
  return `10.224.${100 + pick(155, node, 'a')}.${100 + pick(155, node, 'b')}`;
}

/** `managedFields`, which say who wrote which field: the largest part of a real pod, and not used here. */
function managedFields(labels: readonly string[], time: string): KubernetesObject[] {
  const fields = (names: readonly string[]) => Object.fromEntries(names.map((name) => [`f:${name}`, {}]));
  const env = Object.fromEntries(
    Array.from({ length: 24 }, (_, at) => [`k:{"name":"SETTING_${at}"}`, { '.': {}, 'f:name': {}, 'f:value': {} }]),
  );
  return [
    {
      manager: 'kube-controller-manager',
      operation: 'Update',
      apiVersion: 'v1',
      time,
      fieldsType: 'FieldsV1',
      fieldsV1: {
        'f:metadata': { 'f:generateName': {}, 'f:labels': { '.': {}, ...fields(labels) }, 'f:ownerReferences': {} },
        'f:spec': {
          'f:containers': {
            'k:{"name":"main"}': { '.': {}, 'f:env': { '.': {}, ...env }, ...fields(['image', 'name', 'ports', 'resources']) },
          },
          ...fields(['dnsPolicy', 'restartPolicy', 'schedulerName', 'securityContext', 'terminationGracePeriodSeconds', 'volumes']),
        },
      },
    },
    {
      manager: 'kubelet',
      operation: 'Update',
      apiVersion: 'v1',
      time,
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:status': fields(['conditions', 'containerStatuses', 'hostIP', 'phase', 'podIP', 'podIPs', 'startTime']) },
      subresource: 'status',
    },
  ];
}
