import { given } from '../../../domain/snapshot/given.ts';
import { softwareOf } from '../images.ts';
import type { EstateCluster, EstateNode, EstateRuntimeClass } from '../model.ts';
import { guid, pick } from '../random.ts';
import { kataLabels } from './placement.ts';
import { hostAddress, type KubernetesObject } from './pod-object.ts';

/** Kubelets report their handlers from this minor version of Kubernetes 1 on. */
const HANDLERS_SINCE_MINOR = 30;

/** The boot id of a node, which its kernel and every ordinary container on it report. */
export function bootIdOf(seed: string, cluster: string, node: string): string {
  return guid(seed, cluster, node, 'boot');
}

/** A node as an API server shows it. */
export function nodeObject(node: EstateNode, cluster: EstateCluster, seed: string, createdAt: string): KubernetesObject {
  const software = softwareOf(node.nodeImageVersion);
  const reportsHandlers = Number(cluster.kubernetesVersion.split('.')[1]) >= HANDLERS_SINCE_MINOR;
  const resources = { cpu: '8', 'ephemeral-storage': '129886128Ki', memory: '32863212Ki', pods: '250' };
  return {
    metadata: {
      ...metadata(node.name, seed, cluster, createdAt),
      labels: nodeLabels(node, cluster),
      annotations: { 'node.alpha.kubernetes.io/ttl': '0', 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
    },
    spec: {
      podCIDR: `10.244.${pick(256, node.name)}.0/24`,
      providerID: `azure:///subscriptions/simulated/${node.name}`,
      ...(node.unschedulable === true ? { unschedulable: true } : {}),
      ...given({ taints: node.taints }),
    },
    status: {
      capacity: resources,
      allocatable: resources,
      conditions: ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'].map((type) => ({
        type,
        status: type === 'Ready' ? (node.ready ? 'True' : 'False') : 'False',
        lastHeartbeatTime: createdAt,
        lastTransitionTime: createdAt,
        reason: type === 'Ready' ? 'KubeletReady' : `KubeletHasNo${type}`,
        message: 'As reported by the kubelet.',
      })),
      addresses: [
        { type: 'InternalIP', address: hostAddress(node.name) },
        { type: 'Hostname', address: node.name },
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo: {
        machineID: guid(seed, node.name, 'machine').replaceAll('-', ''),
        systemUUID: guid(seed, node.name, 'system'),
        bootID: bootIdOf(seed, cluster.name, node.name),
        kernelVersion: software.kernelVersion,
        osImage: software.osImage,
        containerRuntimeVersion: software.containerRuntimeVersion,
        kubeletVersion: `v${cluster.kubernetesVersion}`,
        kubeProxyVersion: '',
        operatingSystem: 'linux',
        architecture: 'amd64',
      },
      ...(reportsHandlers
        ? {
            runtimeHandlers: software.handlers.map((name) => ({
              name,
              features: { recursiveReadOnlyMounts: true, userNamespaces: name === '' || name === 'runc' },
            })),
          }
        : {}),
    },
  };
}

/** The nodes of a list that was read before the list of pods. */
export function listedNodes({ nodes }: EstateCluster): readonly EstateNode[] {
  return nodes.filter(({ isLate }) => isLate !== true);
}

/** The namespaces of a list that was read before the list of pods. */
export function listedNamespaces({ namespaces, lateNamespaces = [] }: EstateCluster): EstateCluster['namespaces'] {
  return namespaces.filter(({ name }) => !lateNamespaces.includes(name));
}

/** The labels that AKS, or Karpenter, gives a node. */
export function nodeLabels(node: EstateNode, cluster: EstateCluster): Record<string, string> {
  const { nodePool, karpenterNodePool } = node;
  const pool = cluster.nodePools.find(({ name }) => name === nodePool);
  return {
    'beta.kubernetes.io/arch': 'amd64',
    'kubernetes.io/arch': 'amd64',
    'kubernetes.io/hostname': node.name,
    'kubernetes.io/os': 'linux',
    'kubernetes.azure.com/cluster': `MC_${cluster.resourceGroup}_${cluster.name}_${cluster.location}`,
    'kubernetes.azure.com/node-image-version': node.nodeImageVersion,
    'kubernetes.azure.com/os-sku': pool?.osSku ?? (node.nodeImageVersion.startsWith('AKSUbuntu') ? 'Ubuntu' : 'AzureLinux'),
    'kubernetes.azure.com/role': 'agent',
    'topology.kubernetes.io/region': cluster.location,
    ...kataLabels(cluster, node),
    ...(nodePool === undefined
      ? {}
      : {
          agentpool: nodePool,
          'kubernetes.azure.com/agentpool': nodePool,
          'kubernetes.azure.com/mode': pool?.mode.toLowerCase() ?? 'user',
        }),
    ...(karpenterNodePool === undefined
      ? {}
      : {
          'karpenter.azure.com/sku-family': 'D',
          'karpenter.sh/capacity-type': 'on-demand',
          'karpenter.sh/initialized': 'true',
          'karpenter.sh/nodepool': karpenterNodePool,
          'karpenter.sh/registered': 'true',
        }),
  };
}

/** A namespace as an API server shows it. */
export function namespaceObject(
  { name, labels }: EstateCluster['namespaces'][number],
  cluster: EstateCluster,
  seed: string,
  at: string,
): KubernetesObject {
  return {
    metadata: { ...metadata(name, seed, cluster, at), labels },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  };
}

/** A RuntimeClass as an API server shows it. */
export function runtimeClassObject(
  { name, handler, nodeSelector, overheadMemory, createdAt }: EstateRuntimeClass,
  cluster: EstateCluster,
  seed: string,
  at: string,
): KubernetesObject {
  return {
    metadata: {
      ...metadata(name, seed, cluster, createdAt ?? at),
      labels: { 'addonmanager.kubernetes.io/mode': 'Reconcile', 'kubernetes.io/cluster-service': 'true' },
    },
    handler,
    ...(overheadMemory === undefined ? {} : { overhead: { podFixed: { memory: overheadMemory } } }),
    ...(nodeSelector === undefined ? {} : { scheduling: { nodeSelector } }),
  };
}

/** The volumes that the claims of workloads are bound to, as an API server shows them. */
export function volumeObjects(
  cluster: EstateCluster,
  seed: string,
  at: string,
): { readonly name: string; readonly value: KubernetesObject }[] {
  return cluster.workloads.flatMap(({ namespace, name: claim, claim: lies }) => {
    if (lies === undefined) return [];
    const name = `pvc-${guid(seed, cluster.name, namespace, claim)}`;
    const value = {
      metadata: metadata(name, seed, cluster, at),
      spec: {
        capacity: { storage: '8Gi' },
        ...VOLUME_SOURCES[lies],
        accessModes: ['ReadWriteOnce'],
        claimRef: { kind: 'PersistentVolumeClaim', namespace, name: claim, uid: guid(name, 'claim'), apiVersion: 'v1' },
        persistentVolumeReclaimPolicy: 'Delete',
      },
      status: { phase: 'Bound' },
    };
    return [{ name, value }];
  });
}

const VOLUME_SOURCES: Readonly<Record<NonNullable<EstateCluster['workloads'][number]['claim']>, KubernetesObject>> = {
  disk: { csi: { driver: 'disk.csi.azure.com', volumeHandle: 'simulated' } },
  'host-path': { hostPath: { path: '/var/lib/data', type: '' } },
  local: { local: { path: '/mnt/disks/ssd1' } },
};

/** An admission policy or a binding as an API server shows it. */
export function admissionObject(
  { metadata: own, spec }: { readonly metadata: { readonly name: string }; readonly spec: object },
  cluster: EstateCluster,
  seed: string,
  at: string,
): KubernetesObject {
  return { metadata: { ...metadata(own.name, seed, cluster, at), ...own }, spec };
}

function metadata(name: string, seed: string, cluster: EstateCluster, creationTimestamp: string): KubernetesObject {
  const uid = guid(seed, cluster.name, name, 'object');
  return { name, uid, resourceVersion: String(1_000 + pick(99_000, uid)), creationTimestamp };
}
