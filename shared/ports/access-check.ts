import type { KubernetesAttributes, PermissionSet } from '../domain/access/permissions.ts';
import type { ListedCluster } from './azure-estate.ts';

/** Asks what the identity that asks may do. Every method throws `Fault` when it could not be asked. */
export interface AccessCheck {
  /** What Azure lets the identity do with a cluster. */
  azurePermissions(clusterId: string, abortSignal: AbortSignal): Promise<readonly PermissionSet[]>;
  /** Whether the cluster's API server would let the identity do each of these; in their order. */
  kubernetesReview(listed: ListedCluster, asked: readonly KubernetesReview[], abortSignal: AbortSignal): Promise<readonly boolean[]>;
}

/** One question to an API server; without a namespace it is about all of them. */
export interface KubernetesReview extends KubernetesAttributes {
  readonly namespace?: string;
}
