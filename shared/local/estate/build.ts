import { parseNodeImage } from '../../domain/images/node-image.ts';
import { latestImage, VARIANTS } from './images.ts';
import type { EstateCluster, EstateNode, EstateNodePool, EstateRuntimeClass, EstateWorkload } from './model.ts';
import { pick, suffix } from './random.ts';

/** Properties of a node pool that differ from a healthy one. */
export interface PoolPlan extends Partial<EstateNodePool> {
  readonly name: string;
  readonly nodes: number;
}

/** Properties of a workload that differ from a healthy one. */
export type WorkloadPlan = Pick<EstateWorkload, 'namespace' | 'name'> & Partial<EstateWorkload>;

/** Properties of a cluster that differ from a healthy one. */
export interface ClusterPlan extends Partial<Omit<EstateCluster, 'nodePools' | 'nodes' | 'workloads' | 'namespaces'>> {
  readonly name: string;
  readonly pools: readonly PoolPlan[];
  /** Nodes in addition to those of the pools, such as those of NAP. */
  readonly extraNodes?: readonly EstateNode[];
  /** Changes to single nodes of the pools. */
  readonly adjustNode?: (node: EstateNode, at: number) => EstateNode;
  /** Labels by namespace; a namespace that only appears in a workload has none. */
  readonly namespaceLabels?: Readonly<Record<string, Record<string, string>>>;
  readonly workloads: readonly WorkloadPlan[];
}

/** The RuntimeClass that AKS installs in every cluster. */
export const KATA_CLASS: EstateRuntimeClass = {
  name: 'kata-vm-isolation',
  handler: 'kata',
  nodeSelector: { 'kubernetes.azure.com/kata-vm-isolation': 'true' },
  overheadMemory: '600Mi',
};

/** The RuntimeClass of the preview, which clusters from that time still have. */
export const LEGACY_KATA_CLASS: EstateRuntimeClass = {
  name: 'kata-mshv-vm-isolation',
  handler: 'kata',
  nodeSelector: { 'kubernetes.azure.com/kata-mshv-vm-isolation': 'true' },
};

/** The RuntimeClass of ordinary containers. */
export const RUNC_CLASS: EstateRuntimeClass = { name: 'runc', handler: 'runc' };

/** The default RuntimeClasses of a cluster. */
export const USUAL_CLASSES: readonly EstateRuntimeClass[] = [KATA_CLASS, RUNC_CLASS];

/** The label by which the default policy recognizes pods that must run in a pod VM. */
export const REQUIRED = { 'kataudit.io/sandbox': 'required' } as const;

/** Builds a complete cluster from its differences. */
export function buildCluster(plan: ClusterPlan, now: Date): EstateCluster {
  const { pools, extraNodes = [], adjustNode = (node) => node, namespaceLabels = {}, workloads, ...given } = plan;
  const nodePools = pools.map((pool) => nodePool(pool, now));
  const nodes = pools.flatMap((pool, at) => nodesOf(plan.name, pool, nodePools[at])).map(adjustNode);
  const allWorkloads = [...systemWorkloads(), ...workloads.map(workload)];
  const namespaces = new Set(['default', 'kube-node-lease', 'kube-public', ...allWorkloads.map(({ namespace }) => namespace)]);
  return {
    resourceGroup: `rg-${plan.name}`,
    location: 'westeurope',
    tags: {},
    kubernetesVersion: '1.34.2',
    powerState: 'Running',
    provisioningState: 'Succeeded',
    network: 'public',
    entraId: true,
    nodeProvisioning: 'Manual',
    nodeOsUpgradeChannel: 'NodeImage',
    runtimeClasses: [...USUAL_CLASSES],
    plantedFaults: [],
    ...given,
    nodePools,
    nodes: [...nodes, ...extraNodes],
    namespaces: [...namespaces].sort().map((name) => ({ name, labels: { 'kubernetes.io/metadata.name': name, ...namespaceLabels[name] } })),
    workloads: allWorkloads,
  };
}

/** A system pool of two nodes, which every cluster needs. */
export const SYSTEM_POOL: PoolPlan = { name: 'system', nodes: 2, mode: 'System', vmSize: 'Standard_D4s_v5' };

/** A Kata pool as Azure creates it today. */
export function kataPool(name: string, nodes: number, over: Partial<PoolPlan> = {}): PoolPlan {
  return { name, nodes, workloadRuntime: 'KataVmIsolation', vmSize: 'Standard_D8s_v5', ...over };
}

/** A pool of ordinary containers on Ubuntu. */
export function ubuntuPool(name: string, nodes: number, now: Date): PoolPlan {
  return { name, nodes, osSku: 'Ubuntu', nodeImageVersion: latestImage(VARIANTS.ubuntu, now) };
}

/** A workload that must run in pod VMs and does. */
export function sandboxed(plan: WorkloadPlan): WorkloadPlan {
  return { runtimeClassName: KATA_CLASS.name, memoryLimit: '512Mi', ...plan, labels: { ...REQUIRED, ...plan.labels } };
}

/** A node that Karpenter created, outside of any agent pool. */
export function karpenterNode(cluster: string, pool: string, at: number, nodeImageVersion: string): EstateNode {
  return { name: `aks-${pool}-${suffix(5, cluster, pool, at)}`, karpenterNodePool: pool, nodeImageVersion, ready: true };
}

/** The nodes of a pool, named as Azure's scale sets name them. */
export function nodesOf(cluster: string, { name, nodes }: PoolPlan, pool: EstateNodePool | undefined): EstateNode[] {
  const scaleSet = String(10_000_000 + pick(89_999_999, cluster, name));
  return Array.from({ length: pool?.powerState === 'Stopped' ? 0 : nodes }, (_, at) => ({
    name: `aks-${name}-${scaleSet}-vmss${at.toString(36).padStart(6, '0')}`,
    nodePool: name,
    nodeImageVersion: pool?.nodeImageVersion ?? '',
    ready: true,
  }));
}

/** Builds a node pool from its differences. */
export function nodePool({ nodes: _, ...plan }: PoolPlan, now: Date): EstateNodePool {
  const usual = plan.workloadRuntime?.startsWith('Kata') === true ? VARIANTS.kata : VARIANTS.azureLinux;
  const nodeImageVersion = plan.nodeImageVersion ?? latestImage(usual, now);
  return {
    mode: 'User',
    vmSize: 'Standard_D4s_v5',
    osType: 'Linux',
    osSku: 'AzureLinux',
    latestNodeImageVersion: latestImage(parseNodeImage(nodeImageVersion)?.variant ?? usual, now),
    provisioningState: 'Succeeded',
    powerState: 'Running',
    ...plan,
    nodeImageVersion,
  };
}

function workload(plan: WorkloadPlan): EstateWorkload {
  return {
    kind: 'Deployment',
    revision: 1,
    replicas: 2,
    state: 'running',
    ...plan,
    labels: { 'app.kubernetes.io/name': plan.name, ...plan.labels },
  };
}

/** The workloads that AKS itself runs in every cluster. */
function systemWorkloads(): EstateWorkload[] {
  const system = (kind: 'Deployment' | 'DaemonSet', name: string, over: Partial<EstateWorkload> = {}) =>
    workload({ namespace: 'kube-system', kind, name, memoryLimit: '500Mi', ...over });
  return [
    system('DaemonSet', 'azure-cns', { hostNetwork: true, hostPath: '/var/run/azure-cns' }),
    system('DaemonSet', 'cloud-node-manager', { hostNetwork: true }),
    system('DaemonSet', 'csi-azuredisk-node', { hostNetwork: true, privileged: true, hostPath: '/var/lib/kubelet' }),
    system('DaemonSet', 'kube-proxy', { hostNetwork: true, privileged: true, hostPath: '/run/xtables.lock' }),
    system('Deployment', 'coredns', { replicas: 3, labels: { 'k8s-app': 'kube-dns' } }),
    system('Deployment', 'konnectivity-agent'),
    system('Deployment', 'metrics-server'),
  ];
}
