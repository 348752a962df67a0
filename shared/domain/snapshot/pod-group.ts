/** One example pod of a group. */
export interface PodExample {
  readonly name: string;
  readonly node?: string;
}

/** Counts of a group's pods by what their node can do. */
export interface Placement {
  readonly unscheduled: number;
  /** On a node that lists the handler of the pod's class. */
  readonly handlerListed: number;
  /** On a node that does not list it. */
  readonly handlerMissing: number;
  /** The node or the class is unknown. */
  readonly unknown: number;
  /** On a node that can run Kata, whatever class the pod has. */
  readonly onKataNode: number;
}

/** Counts of pods whose sandbox is weakened or lacks memory. For pods without a class, which have no sandbox, only host namespaces are counted. */
export interface PodFeatures {
  readonly hostPath: number;
  readonly hostNetwork: number;
  readonly hostPid: number;
  readonly hostIpc: number;
  readonly privileged: number;
  /** Pods whose only privileged container is a debug container; absent when there are none. */
  readonly privilegedDebug?: number;
  /** Pods with a container that has no memory limit. */
  readonly noMemoryLimit: number;
  /** Pods without an injected `spec.overhead.memory`. */
  readonly noOverhead: number;
  /** Pods with a claim whose volume was not read: it may be a folder of the node. Absent if there are none. */
  readonly claims?: number;
  /** Pods with a claim whose volume could not be read although the right is granted; absent if there are none. */
  readonly claimsUnseen?: number;
  /** Pods with a claim whose volume is a folder or disk of the node; absent if there are none. */
  readonly hostPathClaims?: number;
}

/** Properties for which examples of pods are named. */
export type PodMark = keyof PodFeatures | 'waiting' | 'handlerMissing' | 'onKataNode' | 'olderThanClass';

/** Counts of a group's pods by phase. */
export interface PodPhases {
  readonly pending: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly unknown: number;
}

/**
 * Counts of the pods of one workload that share class and labels; no pod is kept. A group
 * holds either living pods or finished ones (Succeeded or Failed), never both.
 */
export interface PodGroup {
  readonly namespace: string;
  /** A ReplicaSet counts as its Deployment, a Job as its CronJob; a pod without an owner is its own workload of kind `Pod`. */
  readonly ownerKind: string;
  readonly ownerName: string;
  /** The API group of the owner; absent for kinds that are built into Kubernetes. */
  readonly ownerGroup?: string;
  /** The labels of the pods, without those that differ between them (`pod-template-hash`, …). */
  readonly labels: Readonly<Record<string, string>>;
  /** Number of labels beyond the limit, which are not kept; absent if all are kept. */
  readonly labelsCut?: number;
  readonly runtimeClassName?: string;
  readonly pods: number;
  readonly phases: PodPhases;
  /** Since when the oldest pod that is Pending or ContainerCreating has been waiting, RFC 3339. */
  readonly oldestWaitingSince?: string;
  readonly waiting: number;
  /** Why a pod is waiting: the message of the scheduler or the kubelet. */
  readonly waitingReason?: string;
  /** Pending pods that wait on purpose, for a scheduling gate; absent if there are none. */
  readonly gated?: number;
  /** Creation times of the oldest and the newest pod, RFC 3339. */
  readonly oldestCreatedAt?: string;
  readonly newestCreatedAt?: string;
  /** Pods that are older than the RuntimeClass that they name; absent if there are none. */
  readonly olderThanClass?: number;
  /** For finished pods of a CronJob, of which only the newest run is kept: when that run was due, RFC 3339. */
  readonly lastRunAt?: string;
  /** For finished pods: when the newest of them ended, RFC 3339, and how. */
  readonly lastEnded?: { readonly at: string; readonly phase: 'succeeded' | 'failed' };
  readonly placement: Placement;
  readonly features: PodFeatures;
  /** Pods without the node selector that their class injects; absent if there are none. */
  readonly selectorMissing?: number;
  /** The node selector that all pods without a sandbox share, without the part that their class adds; absent if empty. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Node taints that every pod tolerates, as `key=value:effect`, or `*` if every pod tolerates all taints; absent if there are none. */
  readonly tolerates?: readonly string[];
  /** Pods per node pool; nodes without a pool count under their NAP node pool's name or `-`. */
  readonly podsByNodePool: Readonly<Record<string, number>>;
  /** At most five, distributed evenly over the group. */
  readonly examples: readonly PodExample[];
  /** Names of at most three pods for each property. */
  readonly marked?: Readonly<Partial<Record<PodMark, readonly string[]>>>;
}
