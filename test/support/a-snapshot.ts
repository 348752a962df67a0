import { GUARDRAILS_NOT_ASKED } from '../../shared/domain/snapshot/guardrail.ts';
import { FULL, type Observation, observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import type { PodGroup } from '../../shared/domain/snapshot/pod-group.ts';
import { TEMPLATES_NOT_ASKED } from '../../shared/domain/snapshot/pod-template.ts';
import type {
  Cluster,
  ClusterSettings,
  ClusterSnapshot,
  KubernetesNode,
  LatestImage,
  Namespace,
  NodePool,
  RuntimeClass,
} from '../../shared/domain/snapshot/snapshot.ts';

/** The time of the tests' snapshots. */
export const NOW = '2026-09-01T12:00:00.000Z';

/** A Kata node image that is current at `NOW`. */
export const KATA_IMAGE = 'AKSAzureLinux-V3katagen2-202608.20.0';

/** A plain node image that is current at `NOW`. */
export const PLAIN_IMAGE = 'AKSAzureLinux-V3gen2-202608.20.0';

/** An Azure cluster. */
export function aCluster(over: Partial<Cluster> = {}): Cluster {
  return {
    id: '/subscriptions/11111111-1111-4111-8111-111111111111/resourcegroups/rg-shop/providers/microsoft.containerservice/managedclusters/shop',
    name: 'shop',
    subscriptionId: '11111111-1111-4111-8111-111111111111',
    resourceGroup: 'rg-shop',
    location: 'westeurope',
    tags: {},
    ...over,
  };
}

/** Settings of a running cluster. */
export function someSettings(over: Partial<ClusterSettings> = {}): ClusterSettings {
  return {
    kubernetesVersion: '1.34.2',
    powerState: 'Running',
    provisioningState: 'Succeeded',
    privateCluster: false,
    entraIntegrated: true,
    azureRbac: true,
    localAccountsDisabled: true,
    nodeOsUpgradeChannel: 'NodeImage',
    ...over,
  };
}

/** A healthy Kata pool. */
export function aKataPool(over: Partial<NodePool> = {}): NodePool {
  return {
    name: 'kata1',
    mode: 'User',
    count: 2,
    vmSize: 'Standard_D4s_v3',
    osType: 'Linux',
    osSku: 'AzureLinux',
    workloadRuntime: 'KataVmIsolation',
    nodeImageVersion: KATA_IMAGE,
    kubernetesVersion: '1.34.2',
    provisioningState: 'Succeeded',
    powerState: 'Running',
    enableFips: false,
    secureBoot: false,
    vtpm: false,
    ...over,
  };
}

/** A healthy pool without Kata. */
export function aPlainPool(over: Partial<NodePool> = {}): NodePool {
  return aKataPool({ name: 'system', mode: 'System', workloadRuntime: 'OCIContainer', nodeImageVersion: PLAIN_IMAGE, ...over });
}

/** The newest image of a pool. */
export function aLatestImage(nodePool: string, image: string | Observation<string>): LatestImage {
  return { nodePool, image: typeof image === 'string' ? observed(image) : image };
}

/** A ready node that lists the Kata handlers. */
export function aKataNode(over: Partial<KubernetesNode> = {}): KubernetesNode {
  return {
    name: 'aks-kata1-0',
    nodePool: 'kata1',
    provisioner: 'agent-pool',
    ready: true,
    runtimeHandlers: ['kata', 'kata-cc', 'runc', 'untrusted'],
    labels: { agentpool: 'kata1', 'kubernetes.azure.com/kata-vm-isolation': 'true' },
    nodeImageVersion: KATA_IMAGE,
    kernelVersion: '6.6.137.mshv2-2.azl3',
    bootId: 'b0071d00-0000-4000-8000-000000000001',
    osImage: 'Microsoft Azure Linux 3.0',
    containerRuntimeVersion: 'containerd://2.2.4',
    kubeletVersion: 'v1.34.2',
    unschedulable: false,
    ...over,
  };
}

/** A ready node that lists no Kata handler. */
export function aPlainNode(over: Partial<KubernetesNode> = {}): KubernetesNode {
  return aKataNode({
    name: 'aks-system-0',
    nodePool: 'system',
    runtimeHandlers: ['', 'runc', 'untrusted'],
    labels: { agentpool: 'system' },
    nodeImageVersion: PLAIN_IMAGE,
    kernelVersion: '6.6.150.1-1.azl3',
    ...over,
  });
}

/** The runtime class that AKS installs. */
export function aRuntimeClass(over: Partial<RuntimeClass> = {}): RuntimeClass {
  return {
    name: 'kata-vm-isolation',
    handler: 'kata',
    nodeSelector: { 'kubernetes.azure.com/kata-vm-isolation': 'true' },
    overheadMemory: '600Mi',
    ...over,
  };
}

/** A namespace without its own labels. */
export function aNamespace(name: string, labels: Namespace['labels'] = {}): Namespace {
  return { name, labels: { 'kubernetes.io/metadata.name': name, ...labels } };
}

/** Two running pods of one Deployment, sandboxed, on Kata nodes. */
export function aPodGroup(over: Partial<PodGroup> = {}): PodGroup {
  const { pods = 2 } = over;
  return {
    namespace: 'shop',
    ownerKind: 'Deployment',
    ownerName: 'cart',
    labels: { app: 'cart' },
    runtimeClassName: 'kata-vm-isolation',
    pods,
    phases: { pending: 0, running: pods, succeeded: 0, failed: 0, unknown: 0 },
    waiting: 0,
    placement: { unscheduled: 0, handlerListed: pods, handlerMissing: 0, unknown: 0, onKataNode: pods },
    features: { hostPath: 0, hostNetwork: 0, hostPid: 0, hostIpc: 0, privileged: 0, noMemoryLimit: 0, noOverhead: 0 },
    podsByNodePool: { kata1: pods },
    examples: [{ name: 'cart-1', node: 'aks-kata1-0' }],
    ...over,
  };
}

/** The same group without a runtime class. */
export function aPlainPodGroup(over: Partial<PodGroup> = {}): PodGroup {
  const { runtimeClassName: _, ...group } = aPodGroup({ podsByNodePool: { system: over.pods ?? 2 } });
  const pods = over.pods ?? 2;
  const phases = { pending: 0, running: pods, succeeded: 0, failed: 0, unknown: 0 };
  return { ...group, phases, placement: { unscheduled: 0, handlerListed: pods, handlerMissing: 0, unknown: 0, onKataNode: 0 }, ...over };
}

/** Parts of a snapshot, given as plain values or as observations. */
export type SnapshotParts = { readonly [K in keyof ClusterSnapshot]?: ClusterSnapshot[K] };

/** A complete snapshot of a healthy cluster: one plain pool, one Kata pool, one sandboxed workload. */
export function aSnapshot(over: SnapshotParts = {}): ClusterSnapshot {
  return {
    schemaVersion: 1,
    cluster: aCluster(),
    observedAt: NOW,
    settings: observed(someSettings()),
    nodePools: observed([aPlainPool(), aKataPool()]),
    latestImages: observed([aLatestImage('system', PLAIN_IMAGE), aLatestImage('kata1', KATA_IMAGE)], FULL),
    nodes: observed([aPlainNode(), aKataNode()]),
    runtimeClasses: observed([aRuntimeClass(), aRuntimeClass({ name: 'runc', handler: 'runc', nodeSelector: {} })]),
    namespaces: observed([aNamespace('shop'), aNamespace('kube-system')]),
    workloads: observed([aPodGroup()]),
    isolationProofs: unavailable('not-asked', 'The isolation probe is off.'),
    templates: TEMPLATES_NOT_ASKED,
    guardrails: GUARDRAILS_NOT_ASKED,
    ...over,
  };
}
