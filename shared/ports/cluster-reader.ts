import type { Policy } from '../domain/policy/policy.ts';
import type { RequiredNamespaces } from '../domain/policy/sandbox-requirement.ts';
import type { Guardrail } from '../domain/snapshot/guardrail.ts';
import type { Observation } from '../domain/snapshot/observation.ts';
import type { PodGroup } from '../domain/snapshot/pod-group.ts';
import type { PodTemplate, TemplateOwner } from '../domain/snapshot/pod-template.ts';
import type { KubernetesNode, Namespace, RuntimeClass } from '../domain/snapshot/snapshot.ts';
import type { ListedCluster } from './azure-estate.ts';

/** One cluster's API server, reached and authenticated. Each read throws `Fault` when it failed. */
export interface ClusterReader {
  nodes(abortSignal: AbortSignal): Promise<readonly KubernetesNode[]>;
  runtimeClasses(abortSignal: AbortSignal): Promise<readonly RuntimeClass[]>;
  namespaces(abortSignal: AbortSignal): Promise<readonly Namespace[]>;
  /** Persistent volumes that are bound to a claim. Needs a separate permission, which an auditor may lack. */
  volumes(abortSignal: AbortSignal): Promise<readonly ClaimedVolume[]>;
  /** Reads pods by census, by sample or by what the policy needs, and folds them; `nodes` and `runtimeClasses` are `undefined` when they could not be read. */
  workloads(reading: PodReading, abortSignal: AbortSignal): Promise<Observation<readonly PodGroup[]>>;
  /** The pod templates of the given workloads and of a limited number of CronJobs, with or without pods. Needs a separate permission, which an auditor may lack. */
  templates(asked: readonly TemplateOwner[], maxCronJobs: number, abortSignal: AbortSignal): Promise<Observation<readonly PodTemplate[]>>;
  /** Kataudit's admission policies with their bindings. Needs a separate permission. */
  guardrails(abortSignal: AbortSignal): Promise<readonly Guardrail[]>;
  /** Closes connections; safe to repeat. */
  close(): void;
}

/** A persistent volume that is bound to a claim. */
export interface ClaimedVolume {
  readonly namespace: string;
  readonly claim: string;
  /** Whether it is a directory or disk of a node. */
  readonly onNode: boolean;
}

/** What the fold needs to place pods on nodes, and how pods are read. */
export interface PodReading {
  readonly nodes: readonly KubernetesNode[] | undefined;
  readonly runtimeClasses: readonly RuntimeClass[] | undefined;
  readonly pods: Policy['pods'];
  /** The namespaces whose pods a targeted read needs. */
  readonly required: RequiredNamespaces;
  /** The volumes behind claims; absent when no rule needs them. */
  readonly volumes?: Observation<readonly ClaimedVolume[]>;
  /** Handlers besides AKS's own that count as a sandbox, names or globs; absent when there are none. */
  readonly acceptedHandlers?: readonly string[];
  /** The seed that reproduces a sample. */
  readonly seed: string;
  /** Whether pods in a sample violate the policy, so that the stratum of their node is read completely; by default, none do. */
  readonly violates?: (groups: readonly PodGroup[]) => boolean;
}

/** Opens a cluster's API server; throws `Fault` (`stopped`, `not-entra-integrated`, `denied`, `unreachable`, …) when it cannot. */
export type ConnectCluster = (listed: ListedCluster, abortSignal: AbortSignal) => Promise<ClusterReader>;
