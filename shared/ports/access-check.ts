import type { KubernetesAttributes, PermissionSet } from '../domain/access/permissions.ts';
import type { ListedCluster } from './azure-estate.ts';

/** Checks what the caller's own identity may do. Every method throws `Fault` when the check failed. */
export interface AccessCheck {
  /** What Azure allows the identity to do with a cluster. */
  azurePermissions(clusterId: string, abortSignal: AbortSignal): Promise<readonly PermissionSet[]>;
  /** Whether the cluster's API server allows the identity each of these, in the same order. */
  kubernetesReview(listed: ListedCluster, asked: readonly KubernetesReview[], abortSignal: AbortSignal): Promise<readonly boolean[]>;
}

/** One access review; without a namespace it covers all namespaces. */
export interface KubernetesReview extends KubernetesAttributes {
  readonly namespace?: string;
}
