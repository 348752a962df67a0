import { azureOptions, collectCluster } from '../compose/command-line/azure-cluster.ts';
import { collectKubeconfig } from '../compose/command-line/kubeconfig.ts';
import type { Policy } from '../domain/policy/policy.ts';
import { parseClusterId } from '../domain/snapshot/resource-id.ts';
import type { ClusterSnapshot } from '../domain/snapshot/snapshot.ts';
import type { Surroundings } from './frame/surroundings.ts';
import { UsageError } from './frame/usage-error.ts';

/** Which cluster is meant, as typed: by a kubeconfig, or by its ARM id. */
export interface OneCluster {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
}

/** Throws unless one cluster is named, in one way. */
export function checkOneCluster({ kubeconfig, context, cluster }: OneCluster): void {
  if ((kubeconfig === undefined) === (cluster === undefined)) {
    throw new UsageError('Say which cluster, in one way: --kubeconfig FILE or --cluster RESOURCE_ID.');
  }
  if (cluster === undefined) return;
  if (context !== undefined) throw new UsageError('--context goes with --kubeconfig.');
  if (parseClusterId(cluster) === undefined) {
    throw new UsageError(`--cluster is the ARM id of an AKS cluster, not ${JSON.stringify(cluster)}.`);
  }
}

/** Looks at the cluster; by its ARM id through Azure, with the identity that is signed in. */
export async function lookAt(which: OneCluster, policy: Policy, { env, now }: Pick<Surroundings, 'env' | 'now'>): Promise<ClusterSnapshot> {
  checkOneCluster(which);
  const { kubeconfig, context, cluster } = which;
  if (cluster !== undefined) return collectCluster(await azureOptions(env), cluster, policy, now());
  return collectKubeconfig(kubeconfig ?? '', context, policy, now());
}
