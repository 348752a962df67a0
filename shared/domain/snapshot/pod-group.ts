/** One example pod of a group. */
export interface PodExample {
  readonly name: string;
  readonly node?: string;
}

/** Where a group's pods sit, counted by what their node can do. */
export interface Placement {
  readonly unscheduled: number;
  /** On a node that lists the handler of the pod's class. */
  readonly handlerListed: number;
  /** On a node that does not list it. */
  readonly handlerMissing: number;
  /** The node or the class could not be seen. */
  readonly unknown: number;
  /** On a node that can run Kata, whatever the pod asked for. */
  readonly onKataNode: number;
}

/** What weakens or starves a sandbox, counted in pods. Of pods without a class only the host's namespaces are counted: they have no sandbox. */
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
  /** Pods with a volume behind a claim that was not looked behind: it may be a folder of the node. Absent when there are none. */
  readonly claims?: number;
  /** Pods with a volume behind a claim that could not be looked behind, although that is allowed; absent when there are none. */
  readonly claimsUnseen?: number;
  /** Pods with a folder or a disk of the node behind a claim; absent when there are none. */
  readonly hostPathClaims?: number;
}

/** Properties reported for individual pods of a group, which are then named. */
export type PodMark = keyof PodFeatures | 'waiting' | 'handlerMissing' | 'onKataNode' | 'olderThanClass';

/** The phases of a group's pods, counted. */
export interface PodPhases {
  readonly pending: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly unknown: number;
}

/**
 * The pods of one workload that share class and labels, counted; pods themselves are never kept. A group
 * holds either living pods or finished ones (Succeeded or Failed), never both.
 */
export interface PodGroup {
  readonly namespace: string;
  /** A ReplicaSet is folded into its Deployment, a Job into its CronJob; a pod without an owner is its own workload, kind `Pod`. */
  readonly ownerKind: string;
  readonly ownerName: string;
  /** The API group of the owner; absent for the kinds that Kubernetes itself has, in their own group. */
  readonly ownerGroup?: string;
  /** The pods' labels without those that differ from pod to pod (`pod-template-hash`, …). */
  readonly labels: Readonly<Record<string, string>>;
  /** Labels beyond the bound, which are not kept; absent when all are. */
  readonly labelsCut?: number;
  readonly runtimeClassName?: string;
  readonly pods: number;
  readonly phases: PodPhases;
  /** When the oldest pod that is still Pending or ContainerCreating began to wait, RFC 3339. */
  readonly oldestWaitingSince?: string;
  readonly waiting: number;
  /** Why a pod waits, in the words of the scheduler or of the kubelet. */
  readonly waitingReason?: string;
  /** Pending pods that a scheduling gate holds back: somebody wants them to wait. Absent when there are none. */
  readonly gated?: number;
  /** When the oldest and the newest pod were created, RFC 3339. */
  readonly oldestCreatedAt?: string;
  readonly newestCreatedAt?: string;
  /** Pods that were created before the RuntimeClass of their name; absent when there are none. */
  readonly olderThanClass?: number;
  /** On finished pods of a CronJob, of which only those of the newest run are kept: when that run was due, RFC 3339. */
  readonly lastRunAt?: string;
  /** On finished pods: when the newest of them ended, RFC 3339, and how. */
  readonly lastEnded?: { readonly at: string; readonly phase: 'succeeded' | 'failed' };
  readonly placement: Placement;
  readonly features: PodFeatures;
  /** Pods without the node selector that their class injects; absent when there are none. */
  readonly selectorMissing?: number;
  /** What every pod of no sandbox asks of its node's labels, beside what its class adds; absent when there is nothing. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Taints of nodes that every pod tolerates, as `key=value:effect`, and `*` when every pod tolerates all there can be; absent when there are none. */
  readonly tolerates?: readonly string[];
  /** Pods per node pool; nodes of no pool count under their NAP node pool's name or `-`. */
  readonly podsByNodePool: Readonly<Record<string, number>>;
  /** At most five, chosen evenly over the group. */
  readonly examples: readonly PodExample[];
  /** Names of at most three pods for each thing that is told of pods of the group. */
  readonly marked?: Readonly<Partial<Record<PodMark, readonly string[]>>>;
}
