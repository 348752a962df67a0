import { loadReading, type Settings } from '../../config/settings.ts';
import type { Policy } from '../../domain/policy/policy.ts';
import { observe, unavailable } from '../../domain/snapshot/observation.ts';
import type { Cluster, ClusterSnapshot } from '../../domain/snapshot/snapshot.ts';
import { parseSnapshot } from '../../domain/snapshot/snapshot-file.ts';
import type { ClusterAccess } from '../../kubernetes/client/access.ts';
import type { ListedCluster } from '../../ports/azure-estate.ts';
import { type AuditedSnapshot, auditSnapshot } from '../../usecases/audit-snapshot.ts';
import { acceptedIn, readKubernetes } from '../../usecases/collect-snapshot.ts';
import { type ProbeMode, probeCluster } from '../../usecases/probe-cluster.ts';

/** Validity of a device code, and so the time that a user has to sign in. */
const DEVICE_CODE_SECONDS = 900;

/** Selects a kubeconfig, and how its cluster is reached. */
export interface KubeconfigChoice {
  /** By default, the files that kubectl reads. */
  readonly path?: string;
  readonly context?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether a credential plugin may prompt the user. */
  readonly canAsk: boolean;
  /** Time limit of the whole scan, from the end of the sign-in. */
  readonly timeoutSeconds: number;
}

/** Judges the snapshot of a cluster by a policy. */
export async function auditSeen(snapshot: ClusterSnapshot, policy: Policy): Promise<AuditedSnapshot> {
  const { RULES } = await import('../../rules/index.ts');
  return auditSnapshot(snapshot, RULES, policy);
}

/** Judges a saved snapshot again, offline; `told` adds further facts. */
export async function auditSaved(
  text: string,
  source: string,
  policy: Policy,
  told = (snapshot: ClusterSnapshot): ClusterSnapshot => snapshot,
): Promise<AuditedSnapshot> {
  // This policy decides what counts as a sandbox, not the policy of the day of the scan.
  const saved = parseSnapshot(text, source);
  // From the policy that judges, not from the policy of the scan.
  const { acceptedHandlers: _, ...looked } = saved;
  return auditSeen(told({ ...looked, ...acceptedIn(policy) }), policy);
}

/** Scans the cluster of a kubeconfig without Azure; parts that only Azure has are unavailable, with the reason. */
export async function collectKubeconfig(choice: KubeconfigChoice, policy: Policy, now: Date, open = openAccess): Promise<ClusterSnapshot> {
  const { KATAUDIT_GZIP: gzip } = loadReading(choice.environment);
  const access = await open(choice);
  await signIn(access);
  return look({ access, gzip }, policy, now, AbortSignal.timeout(choice.timeoutSeconds * 1000));
}

/** The access of a kubeconfig's user; sends no request yet. Throws one `Fault` for a file or context that cannot be used. */
export async function openAccess({ path, context, environment, canAsk, timeoutSeconds }: KubeconfigChoice): Promise<ClusterAccess> {
  const { accessFromKubeconfig } = await import('../../kubernetes/kubeconfig/access.ts');
  const clock = () => new Date();
  return accessFromKubeconfig(path, context, { environment, isTerminal: canAsk, signInMs: signInMs(canAsk, timeoutSeconds), clock });
}

/** Returns the time limit of a sign-in: at least as long as a user may take, where there is one. */
export function signInMs(canAsk: boolean, timeoutSeconds: number): number {
  return (canAsk ? Math.max(timeoutSeconds, DEVICE_CODE_SECONDS) : timeoutSeconds) * 1000;
}

/** Signs in before the time limit of the scan starts. When the sign-in fails, every part of the snapshot gives that reason. */
async function signIn(access: ClusterAccess): Promise<void> {
  await observe(() => access.credentials(false, new AbortController().signal));
}

function nameOf({ contextName = 'kubeconfig' }: ClusterAccess): string {
  return contextName;
}

/** The known facts about the cluster of a context before any request. */
export function contextCluster(name: string): Cluster {
  return { id: `kubeconfig:${name}`, name, subscriptionId: '', resourceGroup: '', location: '', tags: {} };
}

/** The names of a kubeconfig's contexts, in its order. */
export async function contextNames({ path, environment }: KubeconfigChoice): Promise<readonly string[]> {
  const { loadKubeconfig } = await import('../../kubernetes/kubeconfig/load.ts');
  return [...(await loadKubeconfig(path, environment)).contexts.keys()];
}

/** A cluster of a kubeconfig that can be probed; sends no request yet. */
export interface KubeconfigCluster {
  /** The name of the context. */
  readonly name: string;
  readonly server: string;
  /** Scans and probes the cluster. Unlike an audit this changes the cluster; canary pods are deleted when the signal aborts it. */
  probe(wanted: ProbeWanted, now: Date, abortSignal: AbortSignal): Promise<ClusterSnapshot>;
}

/** What to probe, and how. */
export interface ProbeWanted {
  readonly mode: Exclude<ProbeMode, 'off'>;
  readonly policy: Policy;
  /** Pods of other namespaces are neither shown nor probed by exec. */
  readonly onlyNamespace?: string;
}

/** Opens a kubeconfig for a probe; throws one `Fault` for a file or context that cannot be used. */
export async function openKubeconfigCluster(choice: KubeconfigChoice, open = openAccess): Promise<KubeconfigCluster> {
  const { KATAUDIT_GZIP: gzip } = loadReading(choice.environment);
  const access = await open(choice);
  const name = nameOf(access);
  return {
    name,
    server: access.server,
    probe: async ({ mode, policy, onlyNamespace }, now, abortSignal) => {
      await signIn(access);
      const limit = AbortSignal.any([abortSignal, AbortSignal.timeout(choice.timeoutSeconds * 1000)]);
      const seen = ofNamespace(await look({ access, gzip }, policy, now, limit), onlyNamespace);
      const opened = async () => {
        const { openProbe } = await import('../../kubernetes/probe/open-probe.ts');
        return openProbe(await access.kubeConfig());
      };
      return { ...seen, isolationProofs: await probeCluster({ mode, open: opened }, seen, { policy, abortSignal: limit }) };
    },
  };
}

interface Looking {
  readonly access: ClusterAccess;
  readonly gzip: Settings['KATAUDIT_GZIP'];
}

/** The parts of a snapshot that Kubernetes alone provides. */
async function look({ access, gzip }: Looking, policy: Policy, now: Date, abortSignal: AbortSignal): Promise<ClusterSnapshot> {
  const { openCluster } = await import('../../kubernetes/open-cluster.ts');
  const observedAt = now.toISOString();
  const cluster = contextCluster(nameOf(access));
  const noAzure = unavailable('no-azure-access', 'Read from a kubeconfig: no Azure access.');
  const connect = async () => openCluster(access, { clock: () => new Date(), gzip });
  const parts = await readKubernetes(connect, listed(cluster), { policy, observedAt, isLast: true, abortSignal });
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

function ofNamespace(snapshot: ClusterSnapshot, namespace: string | undefined): ClusterSnapshot {
  const { workloads } = snapshot;
  if (namespace === undefined || workloads.state === 'unavailable') return snapshot;
  return { ...snapshot, workloads: { ...workloads, value: workloads.value.filter((group) => group.namespace === namespace) } };
}

/** What a connection needs to know of a cluster without Azure. */
function listed(cluster: ListedCluster['cluster']): ListedCluster {
  return {
    cluster,
    settings: { powerState: 'Unknown' },
    nodePools: unavailable('no-azure-access', 'Read from a kubeconfig: no Azure access.'),
  };
}
