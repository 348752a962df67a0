import type { AzureOptions } from '../../azure/client/options.ts';
import { load } from '../../config/settings.ts';
import type { Policy } from '../../domain/policy/policy.ts';
import type { ClusterSnapshot } from '../../domain/snapshot/snapshot.ts';
import { collectSnapshot } from '../../usecases/collect-snapshot.ts';

const TIME_LIMIT_MS = 300_000;

/** Azure as the identity of an environment reaches it: by the same settings as the app's. */
export async function azureOptions(environment: Readonly<Record<string, string | undefined>>): Promise<AzureOptions> {
  const settings = load(environment);
  const { azureCredential, staticToken } = await import('../../azure/client/credential.ts');
  const credential =
    settings.KATAUDIT_ACCESS_TOKEN === undefined
      ? await azureCredential(settings.AZURE_CLIENT_ID)
      : staticToken(settings.KATAUDIT_ACCESS_TOKEN);
  return { credential, armEndpoint: settings.KATAUDIT_ARM_ENDPOINT, clock: () => new Date() };
}

/** Looks at one cluster through Azure as a scan does, and stores nothing; throws a `Fault` when Azure does not tell of it. */
export async function collectCluster(options: AzureOptions, clusterId: string, policy: Policy, now: Date): Promise<ClusterSnapshot> {
  const [{ createAzureEstate }, { clusterCredential }] = await Promise.all([
    import('../../azure/estate/azure-estate.ts'),
    import('../../azure/estate/cluster-credential.ts'),
  ]);
  const azure = createAzureEstate(options);
  const credentialOf = clusterCredential(options);
  const abortSignal = AbortSignal.timeout(TIME_LIMIT_MS);
  const world = {
    azure,
    maintenance: azure,
    connect: async (listed: Parameters<typeof credentialOf>[0], signal: AbortSignal) => {
      const [{ accessFromAksCredential }, { openCluster }] = await Promise.all([
        import('../../kubernetes/client/access.ts'),
        import('../../kubernetes/open-cluster.ts'),
      ]);
      const { kubeconfig, token, hosts } = await credentialOf(listed, signal);
      return openCluster(await accessFromAksCredential(kubeconfig, token, hosts), { clock: options.clock });
    },
    probe: { mode: 'off' as const, open: () => Promise.reject(new Error('The probe is off.')) },
  };
  const listed = await azure.getCluster(clusterId, abortSignal);
  return collectSnapshot(world, listed, policy, now.toISOString(), [], true, abortSignal);
}
