import type { clusterCredential } from '../../azure/estate/cluster-credential.ts';
import { accessFromAksCredential, type ClusterAccess } from '../../kubernetes/client/access.ts';
import type { ListedCluster } from '../../ports/azure-estate.ts';

/** Access to one cluster, for the identity that audits and the one that probes. */
export interface ClusterAccesses {
  readonly audit: ClusterAccess;
  readonly probe: ClusterAccess;
}

/** Opens both accesses of a cluster; Azure is asked for the cluster's address once for both. */
export function clusterAccesses(
  credentialOf: ReturnType<typeof clusterCredential>,
): (listed: ListedCluster, abortSignal: AbortSignal) => Promise<ClusterAccesses> {
  const held = new WeakMap<ListedCluster, ClusterAccesses>();
  return async (listed, abortSignal) => {
    const known = held.get(listed);
    if (known !== undefined) return known;
    const { kubeconfig, token, probeToken, hosts } = await credentialOf(listed, abortSignal);
    const [audit, probe] = await Promise.all([
      accessFromAksCredential(kubeconfig, token, hosts),
      accessFromAksCredential(kubeconfig, probeToken, hosts),
    ]);
    const accesses = { audit, probe };
    held.set(listed, accesses);
    return accesses;
  };
}
