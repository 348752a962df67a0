import { unavailable } from '../domain/observation.ts';
import type { ClusterSnapshot } from '../domain/snapshot.ts';
import { parseSnapshot } from '../domain/snapshot-file.ts';
import type { ListedCluster } from '../ports/azure-estate.ts';
import { type AuditedSnapshot, auditSnapshot } from '../usecases/audit-snapshot.ts';
import { readKubernetes } from '../usecases/collect-snapshot.ts';
import { policyFromText } from './policy.ts';

const TIME_LIMIT_MS = 300_000;

/** Audits the cluster of a kubeconfig without Azure: what only Azure could tell is unknown, with the reason. */
export async function auditKubeconfig(
  path: string,
  context: string | undefined,
  policyText: string | undefined,
  now: Date,
): Promise<AuditedSnapshot> {
  const [{ RULES }, { policy }] = await Promise.all([import('../rules/index.ts'), policyFromText(policyText, 'command line')]);
  return auditSnapshot(await collectKubeconfig(path, context, policyText, now), RULES, policy);
}

/** Judges a saved snapshot again, offline. */
export async function auditSaved(text: string, source: string, policyText: string | undefined): Promise<AuditedSnapshot> {
  const [{ RULES }, { policy }] = await Promise.all([import('../rules/index.ts'), policyFromText(policyText, 'command line')]);
  return auditSnapshot(parseSnapshot(text, source), RULES, policy);
}

/** Looks at the cluster of a kubeconfig. */
export async function collectKubeconfig(
  path: string,
  context: string | undefined,
  policyText: string | undefined,
  now: Date,
): Promise<ClusterSnapshot> {
  const [{ accessFromKubeconfig }, { openCluster }] = await Promise.all([
    import('../kubernetes/access.ts'),
    import('../kubernetes/open-cluster.ts'),
  ]);
  const { policy } = await policyFromText(policyText, 'command line');
  const access = await accessFromKubeconfig(path, context);
  const observedAt = now.toISOString();
  const name = context ?? access.contextName ?? 'kubeconfig';
  const cluster = { id: `kubeconfig:${name}`, name, subscriptionId: '', resourceGroup: '', location: '', tags: {} };
  const noAzure = unavailable('no-azure-access', 'Read from a kubeconfig: no Azure access.');
  const connect = async () => openCluster(access, { clock: () => new Date() });
  const parts = await readKubernetes(connect, listed(cluster), policy, observedAt, true, AbortSignal.timeout(TIME_LIMIT_MS));
  return {
    schemaVersion: 1,
    cluster,
    observedAt,
    settings: noAzure,
    nodePools: noAzure,
    latestImages: noAzure,
    ...parts,
    isolationProofs: unavailable('not-asked', 'The isolation probe is off.'),
  };
}

/** What connecting takes of a cluster of which Azure said nothing. */
function listed(cluster: ListedCluster['cluster']): ListedCluster {
  const settings = {
    kubernetesVersion: '',
    powerState: 'Running',
    provisioningState: 'Succeeded',
    privateCluster: false,
    entraIntegrated: false,
    azureRbac: false,
    localAccountsDisabled: false,
  };
  return { cluster, settings, nodePools: [] };
}
