import type { Policy } from '../domain/policy/policy.ts';
import type { Guardrail } from '../domain/snapshot/guardrail.ts';
import type { Observation } from '../domain/snapshot/observation.ts';
import type { PodGroup } from '../domain/snapshot/pod-group.ts';
import type { PodTemplate, TemplateOwner } from '../domain/snapshot/pod-template.ts';
import type { KubernetesNode, Namespace, RuntimeClass } from '../domain/snapshot/snapshot.ts';
import type { ListedCluster } from './azure-estate.ts';

/** One cluster's API server, reached and authenticated. Each read throws `Fault` when it could not look. */
export interface ClusterReader {
  nodes(abortSignal: AbortSignal): Promise<readonly KubernetesNode[]>;
  runtimeClasses(abortSignal: AbortSignal): Promise<readonly RuntimeClass[]>;
  namespaces(abortSignal: AbortSignal): Promise<readonly Namespace[]>;
  /** Volumes of the cluster that a claim is bound to; a right of its own, which an auditor may lack. */
  volumes(abortSignal: AbortSignal): Promise<readonly ClaimedVolume[]>;
  /** Reads pods by census or sample and folds them; `nodes` and `runtimeClasses` are `undefined` when they could not be seen. */
  workloads(reading: PodReading, abortSignal: AbortSignal): Promise<Observation<readonly PodGroup[]>>;
  /** The pod templates of some workloads, and of at most so many CronJobs, pods or none; a right of its own, which an auditor may lack. */
  templates(asked: readonly TemplateOwner[], maxCronJobs: number, abortSignal: AbortSignal): Promise<Observation<readonly PodTemplate[]>>;
  /** Kataudit's admission policies with their bindings; needs a right of its own. */
  guardrails(abortSignal: AbortSignal): Promise<readonly Guardrail[]>;
  /** Lets go of connections; harmless twice. */
  close(): void;
}

/** A volume that a claim is bound to. */
export interface ClaimedVolume {
  readonly namespace: string;
  readonly claim: string;
  /** Whether it is a folder or a disk of a node. */
  readonly onNode: boolean;
}

/** What the fold needs to place pods, and how they are to be read. */
export interface PodReading {
  readonly nodes: readonly KubernetesNode[] | undefined;
  readonly runtimeClasses: readonly RuntimeClass[] | undefined;
  readonly pods: Policy['pods'];
  /** What lies behind claims; absent where nobody asks. */
  readonly volumes?: Observation<readonly ClaimedVolume[]>;
  /** Handlers beside AKS's own that count as a sandbox, names or globs; absent when there are none. */
  readonly acceptedHandlers?: readonly string[];
  /** Makes the same sample again. */
  readonly seed: string;
  /** Whether pods seen in a sample show something wrong, so that the stratum of their node is read whole; absent, none do. */
  readonly violates?: (groups: readonly PodGroup[]) => boolean;
}

/** Opens a cluster's API server; throws `Fault` (`stopped`, `not-entra-integrated`, `denied`, `unreachable`, …) when it cannot. */
export type ConnectCluster = (listed: ListedCluster, abortSignal: AbortSignal) => Promise<ClusterReader>;
