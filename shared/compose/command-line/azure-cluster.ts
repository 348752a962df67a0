import type { AzureOptions } from '../../azure/client/options.ts';
import { load, type Settings } from '../../config/settings.ts';
import type { Policy } from '../../domain/policy/policy.ts';
import { inScope } from '../../domain/policy/scope.ts';
import { given } from '../../domain/snapshot/given.ts';
import { observe, observedValue, type UnavailableReason } from '../../domain/snapshot/observation.ts';
import type { Cluster, ClusterSnapshot } from '../../domain/snapshot/snapshot.ts';
import type { AzureEstate } from '../../ports/azure-estate.ts';
import { collectSnapshot } from '../../usecases/collect-snapshot.ts';

const TIME_LIMIT_SECONDS = 300;

/** Access to Azure, and the settings for reading API servers. */
export interface LookOptions extends AzureOptions {
  readonly gzip?: Settings['KATAUDIT_GZIP'];
}

/** Access to Azure from an environment, with the same settings as the app. */
export async function azureOptions(environment: Readonly<Record<string, string | undefined>>): Promise<LookOptions> {
  const settings = load(environment);
  const { azureCredential, staticToken } = await import('../../azure/client/credential.ts');
  const credential =
    settings.KATAUDIT_ACCESS_TOKEN === undefined
      ? await azureCredential(settings.AZURE_CLIENT_ID)
      : staticToken(settings.KATAUDIT_ACCESS_TOKEN);
  return { credential, armEndpoint: settings.KATAUDIT_ARM_ENDPOINT, clock: () => new Date(), gzip: settings.KATAUDIT_GZIP };
}

/** A subscription or management group that could not be listed, with the reason; its clusters were not seen. */
export interface NotListed {
  /** A subscription id or `management group NAME`. */
  readonly scope: string;
  readonly reason: UnavailableReason;
}

/** Azure for one run of the command line: all clusters share one set of call budgets. Nothing is stored. */
export interface AzureLooks {
  /** Collects the snapshot of one cluster as a scan does; throws a `Fault` when Azure cannot be read. */
  collect(clusterId: string, policy: Policy, now: Date): Promise<ClusterSnapshot>;
  /** The clusters of subscriptions and management groups that the policy covers, and what could not be listed. */
  list(
    subscriptions: readonly string[],
    managementGroups: readonly string[],
    policy: Policy,
  ): Promise<{ readonly clusters: readonly Cluster[]; readonly notListed: readonly NotListed[] }>;
}

/** Collects the snapshot of one cluster through Azure as a scan does; throws a `Fault` when Azure cannot be read. */
export async function collectCluster(options: LookOptions, clusterId: string, policy: Policy, now: Date): Promise<ClusterSnapshot> {
  return (await openAzure(options)).collect(clusterId, policy, now);
}

/** Creates the Azure readers for an identity; sends no request yet. */
export async function openAzure(options: LookOptions, timeoutSeconds = TIME_LIMIT_SECONDS): Promise<AzureLooks> {
  const limit = () => AbortSignal.timeout(timeoutSeconds * 1000);
  const [{ createAzureEstate }, { clusterCredential }] = await Promise.all([
    import('../../azure/estate/azure-estate.ts'),
    import('../../azure/estate/cluster-credential.ts'),
  ]);
  const azure = createAzureEstate(options);
  const credentialOf = clusterCredential(options);
  const world = {
    azure,
    maintenance: azure,
    connect: async (listed: Parameters<typeof credentialOf>[0], signal: AbortSignal) => {
      const [{ accessFromAksCredential }, { openCluster }] = await Promise.all([
        import('../../kubernetes/client/access.ts'),
        import('../../kubernetes/open-cluster.ts'),
      ]);
      const { kubeconfig, token, hosts } = await credentialOf(listed, signal);
      const access = await accessFromAksCredential(kubeconfig, token, hosts);
      return openCluster(access, { clock: options.clock, ...given({ gzip: options.gzip }) });
    },
    probe: { mode: 'off' as const, open: () => Promise.reject(new Error('The probe is off.')) },
  };
  return {
    collect: async (clusterId, policy, now) => {
      const abortSignal = limit();
      const listed = await azure.getCluster(clusterId, abortSignal);
      return collectSnapshot(world, listed, { policy, observedAt: now.toISOString(), isLast: true, abortSignal });
    },
    list: (subscriptions, managementGroups, policy) => listScope(azure, subscriptions, managementGroups, policy, limit()),
  };
}

async function listScope(
  azure: Pick<AzureEstate, 'listSubscriptions' | 'listEstate'>,
  subscriptions: readonly string[],
  managementGroups: readonly string[],
  policy: Policy,
  abortSignal: AbortSignal,
): ReturnType<AzureLooks['list']> {
  const groups = await Promise.all(
    managementGroups.map(async (name) => ({ name, found: await observe(() => azure.listSubscriptions(name, abortSignal)) })),
  );
  const below = groups.flatMap(({ found }) => observedValue(found) ?? []);
  const unknownGroups = groups.flatMap(({ name, found }) =>
    found.state === 'unavailable' ? [{ scope: `management group ${name}`, reason: found.reason }] : [],
  );
  const ids = [...new Set([...subscriptions, ...below].map((id) => id.toLowerCase()))];
  const { clusters, notListed } = await azure.listEstate(ids, abortSignal);
  return {
    clusters: clusters.filter((cluster) => inScope(cluster, policy)),
    notListed: [...unknownGroups, ...notListed.map(({ subscriptionId, reason }) => ({ scope: subscriptionId, reason }))],
  };
}
