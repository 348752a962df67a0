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

/** A device code is good for this long: whoever sits at the terminal gets as much to sign in. */
const DEVICE_CODE_SECONDS = 900;

/** Which kubeconfig is meant, and what is given to reach its cluster. */
export interface KubeconfigChoice {
  /** Absent: those that kubectl would read. */
  readonly path?: string;
  readonly context?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether a program that signs in may ask somebody. */
  readonly canAsk: boolean;
  /** For the whole look, from the end of the sign-in on. */
  readonly timeoutSeconds: number;
}

/** Judges what was seen of a cluster by a policy. */
export async function auditSeen(snapshot: ClusterSnapshot, policy: Policy): Promise<AuditedSnapshot> {
  const { RULES } = await import('../../rules/index.ts');
  return auditSnapshot(snapshot, RULES, policy);
}

/** Judges a saved snapshot again, offline; `told` adds what is known beside it. */
export async function auditSaved(
  text: string,
  source: string,
  policy: Policy,
  told = (snapshot: ClusterSnapshot): ClusterSnapshot => snapshot,
): Promise<AuditedSnapshot> {
  // What counts as a sandbox is this policy's to say, not that of the day of the look.
  const saved = parseSnapshot(text, source);
  // Those of the policy that judges, not of the one that looked.
  const { acceptedHandlers: _, ...looked } = saved;
  return auditSeen(told({ ...looked, ...acceptedIn(policy) }), policy);
}

/** Looks at the cluster of a kubeconfig without Azure: what only Azure could tell is unknown, with the reason. */
export async function collectKubeconfig(choice: KubeconfigChoice, policy: Policy, now: Date): Promise<ClusterSnapshot> {
  const { KATAUDIT_GZIP: gzip } = loadReading(choice.environment);
  const access = await openAccess(choice);
  await signIn(access);
  return look({ access, gzip }, policy, now, AbortSignal.timeout(choice.timeoutSeconds * 1000));
}

/** The access of a kubeconfig's user; nothing was asked yet. Throws one `Fault` for a file or context that cannot be used. */
export async function openAccess({ path, context, environment, canAsk, timeoutSeconds }: KubeconfigChoice): Promise<ClusterAccess> {
  const { accessFromKubeconfig } = await import('../../kubernetes/kubeconfig/access.ts');
  const seconds = canAsk ? Math.max(timeoutSeconds, DEVICE_CODE_SECONDS) : timeoutSeconds;
  const clock = () => new Date();
  return accessFromKubeconfig(path, context, { environment, isTerminal: canAsk, signInMs: seconds * 1000, clock });
}

/** Before the time of the look begins. Why nobody could sign in is what every part of the look then says. */
async function signIn(access: ClusterAccess): Promise<void> {
  await observe(() => access.credentials(false, new AbortController().signal));
}

function nameOf({ contextName = 'kubeconfig' }: ClusterAccess): string {
  return contextName;
}

/** What is known of the cluster of a context before anything is asked. */
export function contextCluster(name: string): Cluster {
  return { id: `kubeconfig:${name}`, name, subscriptionId: '', resourceGroup: '', location: '', tags: {} };
}

/** The names of a kubeconfig's contexts, in its order. */
export async function contextNames({ path, environment }: KubeconfigChoice): Promise<readonly string[]> {
  const { loadKubeconfig } = await import('../../kubernetes/kubeconfig/load.ts');
  return [...(await loadKubeconfig(path, environment)).contexts.keys()];
}

/** A cluster of a kubeconfig that can be probed; nothing was asked of it yet. */
export interface KubeconfigCluster {
  /** The name of the context. */
  readonly name: string;
  readonly server: string;
  /** Looks at the cluster and probes it: this touches it, unlike an audit. Canaries are deleted when the signal ends it. */
  probe(wanted: ProbeWanted, now: Date, abortSignal: AbortSignal): Promise<ClusterSnapshot>;
}

/** What is to be probed, and how. */
export interface ProbeWanted {
  readonly mode: Exclude<ProbeMode, 'off'>;
  readonly policy: Policy;
  /** Pods of other namespaces are neither shown nor probed by exec. */
  readonly onlyNamespace?: string;
}

/** Opens a kubeconfig for a probe; throws one `Fault` for a file or context that cannot be used. */
export async function openKubeconfigCluster(choice: KubeconfigChoice): Promise<KubeconfigCluster> {
  const { KATAUDIT_GZIP: gzip } = loadReading(choice.environment);
  const access = await openAccess(choice);
  const name = nameOf(access);
  return {
    name,
    server: access.server,
    probe: async ({ mode, policy, onlyNamespace }, now, abortSignal) => {
      await signIn(access);
      const limit = AbortSignal.any([abortSignal, AbortSignal.timeout(choice.timeoutSeconds * 1000)]);
      const seen = ofNamespace(await look({ access, gzip }, policy, now, limit), onlyNamespace);
      const open = async () => {
        const { openProbe } = await import('../../kubernetes/probe/open-probe.ts');
        return openProbe(await access.kubeConfig());
      };
      return { ...seen, isolationProofs: await probeCluster({ mode, open }, seen, { policy, abortSignal: limit }) };
    },
  };
}

interface Looking {
  readonly access: ClusterAccess;
  readonly gzip: Settings['KATAUDIT_GZIP'];
}

/** What Kubernetes alone shows of a cluster. */
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

/** What connecting takes of a cluster of which Azure said nothing. */
function listed(cluster: ListedCluster['cluster']): ListedCluster {
  return {
    cluster,
    settings: { powerState: 'Unknown' },
    nodePools: unavailable('no-azure-access', 'Read from a kubeconfig: no Azure access.'),
  };
}
