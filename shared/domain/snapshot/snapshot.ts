import type { Guardrail } from './guardrail.ts';
import type { KnownImages } from './known-images.ts';
import type { Observation } from './observation.ts';
import type { PlannedUpgrade } from './planned-upgrade.ts';
import type { PodGroup } from './pod-group.ts';
import type { PodTemplate } from './pod-template.ts';
import type { WithUnread } from './unread.ts';

/**
 * A node pool, as Azure Resource Manager describes it (agentPool). A property is absent if Azure
 * omits it, or if it could not be read and is listed in `unread`.
 */
export interface NodePool extends WithUnread {
  readonly name: string;
  /** `System`, `User`, `Gateway`, or `ManagedSystem`: a pool that AKS itself runs and patches. */
  readonly mode?: string;
  readonly count?: number;
  /** The VM size of all machines of the pool; absent if they differ. */
  readonly vmSize?: string;
  /** The VM sizes of a pool whose machines differ. */
  readonly vmSizes?: readonly string[];
  readonly osType?: string;
  readonly osSku?: string;
  /** An open string in ARM: `OCIContainer`, `KataVmIsolation`, `KataMshvVmIsolation`, `KataCcIsolation`, … */
  readonly workloadRuntime?: string;
  readonly nodeImageVersion?: string;
  readonly kubernetesVersion?: string;
  readonly provisioningState?: string;
  /** `Running` or `Stopped`. */
  readonly powerState?: string;
  readonly enableFips?: boolean;
  readonly secureBoot?: boolean;
  readonly vtpm?: boolean;
  /** Taints that Azure sets on every node of the pool, as `key=value:effect`; absent if there are none. */
  readonly nodeTaints?: readonly string[];
  /** The snapshot that the pool is pinned to, if any. */
  readonly snapshotId?: string;
  /** True between NodePoolRollingStarted and its end. */
  readonly inTransition?: boolean;
  /** Time of the last NodePoolRollingFailed, if no newer event followed, RFC 3339. */
  readonly rollFailedAt?: string;
}

/** A cluster, as Azure Resource Manager describes it. */
export interface Cluster extends WithUnread {
  /** Canonical lower-case ARM id, or `kubeconfig:<context>` for a cluster read without Azure. */
  readonly id: string;
  readonly name: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly location: string;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * The cluster's settings that the rules judge. A property is absent if Azure omits it, or if
 * it could not be read and is listed in `unread`.
 */
export interface ClusterSettings extends WithUnread {
  readonly kubernetesVersion?: string;
  /** `Running` or `Stopped`; `Unknown` if Azure omits it. */
  readonly powerState: string;
  readonly provisioningState?: string;
  readonly privateCluster?: boolean;
  /** Whether a private cluster also has a name in public DNS; its address is private. */
  readonly publicFqdn?: boolean;
  readonly entraIntegrated?: boolean;
  readonly azureRbac?: boolean;
  readonly localAccountsDisabled?: boolean;
  /** `rapid`, `stable`, `patch`, `node-image`, `none`. */
  readonly upgradeChannel?: string;
  /** `None`, `Unmanaged`, `NodeImage`, `SecurityPatch`; absent means Azure's default. */
  readonly nodeOsUpgradeChannel?: string;
  /** `Manual` or `Auto` (NAP). */
  readonly nodeProvisioning?: string;
  /** When Azure automatically upgrades node images; read only for a cluster with a pool whose image lags. */
  readonly plannedUpgrade?: Observation<PlannedUpgrade>;
  /** The last ClusterSupportEnding or ClusterSupportEnded event about the version that the cluster runs. */
  readonly supportNotice?: { readonly state: 'ending' | 'ended'; readonly at: string; readonly kubernetesVersion?: string };
  /** The API server's name in public DNS. */
  readonly fqdn?: string;
  /** The API server's name in the private network of the cluster. */
  readonly privateFqdn?: string;
  /** Azure's unique id of the cluster; a cluster that is recreated under the same name has another. */
  readonly resourceUid?: string;
}

/** The newest image that Azure offers for a pool; read once for each image variant. */
export interface LatestImage {
  readonly nodePool: string;
  readonly image: Observation<string>;
}

/** A taint of a node. */
export interface Taint {
  readonly key: string;
  readonly value: string;
  /** `NoSchedule`, `NoExecute` or `PreferNoSchedule`. */
  readonly effect: string;
}

/** A toleration; an empty key, value or effect matches all. */
export interface Toleration extends Taint {
  /** `Equal` if empty, or `Exists`. */
  readonly operator: string;
}

/** A Kubernetes node with the fields that the rules judge. */
export interface KubernetesNode {
  readonly name: string;
  /** The agent pool's name; absent for nodes of NAP (Karpenter) or without a pool. */
  readonly nodePool?: string;
  readonly provisioner: 'agent-pool' | 'karpenter' | 'other';
  readonly ready: boolean;
  /** `status.runtimeHandlers[].name`; absent before Kubernetes 1.30. The empty name is the default handler. */
  readonly runtimeHandlers?: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** The label `kubernetes.azure.com/node-image-version`. */
  readonly nodeImageVersion?: string;
  readonly kernelVersion: string;
  readonly bootId: string;
  readonly osImage: string;
  readonly containerRuntimeVersion: string;
  readonly kubeletVersion: string;
  /** Whether it is cordoned. */
  readonly unschedulable: boolean;
  /** Absent if it has none. */
  readonly taints?: readonly Taint[];
}

/** A Kubernetes RuntimeClass. */
export interface RuntimeClass {
  readonly name: string;
  readonly handler: string;
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** `overhead.podFixed.memory` as written, for example `600Mi`. */
  readonly overheadMemory?: string;
  /** Scheduling that admission adds to its pods; absent if it has none. */
  readonly tolerations?: readonly Toleration[];
  /** RFC 3339; a class that was recreated under its name says nothing about older pods. Absent in snapshots of version 0.1.0. */
  readonly createdAt?: string;
}

/** A Kubernetes namespace. */
export interface Namespace {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Number of labels beyond the limit, which are not kept; absent if all are kept. */
  readonly labelsCut?: number;
}

/** The result of a probe of one running pod. */
export interface IsolationProof {
  readonly namespace: string;
  readonly pod: string;
  readonly ownerKind: string;
  readonly ownerName: string;
  /** The API group of the owner, unless it is built into Kubernetes. */
  readonly ownerGroup?: string;
  readonly node: string;
  readonly nodePool?: string;
  readonly nodeImageVersion?: string;
  readonly runtimeClassName?: string;
  readonly method: 'exec' | 'canary';
  readonly at: string;
  readonly nodeBootId: string;
  readonly nodeKernel: string;
  readonly result:
    | { readonly state: 'read'; readonly bootId: string; readonly kernel?: string; readonly kernelBuild?: string }
    | { readonly state: 'unknown'; readonly reason: string };
}

/** Result of one scan of one cluster; each part is observed or unavailable. Contains no secrets. */
export interface ClusterSnapshot {
  readonly schemaVersion: 1;
  readonly cluster: Cluster;
  /** Start of the scan, RFC 3339: an older snapshot never overwrites a newer one. */
  readonly observedAt: string;
  readonly settings: Observation<ClusterSettings>;
  readonly nodePools: Observation<readonly NodePool[]>;
  readonly latestImages: Observation<readonly LatestImage[]>;
  readonly nodes: Observation<readonly KubernetesNode[]>;
  readonly runtimeClasses: Observation<readonly RuntimeClass[]>;
  readonly namespaces: Observation<readonly Namespace[]>;
  readonly workloads: Observation<readonly PodGroup[]>;
  readonly isolationProofs: Observation<readonly IsolationProof[]>;
  /** Pod templates of workloads with pods outside a sandbox, and of CronJobs; read only if the optional right is given. */
  readonly templates: Observation<readonly PodTemplate[]>;
  /** Kataudit's admission policies; read only if the policy turns on the rule that judges them. */
  readonly guardrails: Observation<readonly Guardrail[]>;
  /** Handlers besides AKS's that the policy of this scan accepts, as names or globs; absent if there are none. */
  readonly acceptedHandlers?: readonly string[];
  /** Facts from the app's image file about this cluster's node images; absent if there are none. */
  readonly knownImages?: KnownImages;
}

/** The parts of a snapshot that a rule may require. */
export type EvidenceKey = Exclude<keyof ClusterSnapshot, 'schemaVersion' | 'cluster' | 'observedAt' | 'acceptedHandlers' | 'knownImages'>;

/** Every part of a snapshot, in the order in which they are read. */
export const EVIDENCE_KEYS = [
  'settings',
  'nodePools',
  'latestImages',
  'nodes',
  'runtimeClasses',
  'namespaces',
  'workloads',
  'templates',
  'isolationProofs',
  'guardrails',
] as const satisfies readonly EvidenceKey[];
