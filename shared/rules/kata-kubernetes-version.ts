import { hasKata, isKataNode, isKataPool, kataNotKnown, nodesOutside } from '../domain/isolation/kata-evidence.ts';
import { acceptedHandlers } from '../domain/policy/handlers.ts';
import { clusterCommand } from '../domain/rule/commands.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import { type Observation, observedValue } from '../domain/snapshot/observation.ts';
import type { Cluster, ClusterSettings, KubernetesNode, NodePool } from '../domain/snapshot/snapshot.ts';
import { unreadAmong } from '../domain/snapshot/unread.ts';

/** The oldest minor version on which AKS supports Kata. Source: learn.microsoft.com/azure/aks/use-pod-sandboxing. */
const OLDEST_MINOR = 27;

/** A cluster with Kata runs a Kubernetes version that supports it. */
export const kataKubernetesVersion = defineRule({
  id: 'kata-kubernetes-version',
  title: `Clusters with Kata run a supported Kubernetes version, 1.${OLDEST_MINOR} or newer`,
  severity: 'high',
  rationale:
    'AKS supports Kata from Kubernetes 1.27. Once a version is out of support, AKS patches neither its control plane nor its nodes.',
  remediation: 'Upgrade the cluster and its node pools.',
  references: [
    'https://learn.microsoft.com/azure/aks/use-pod-sandboxing',
    'https://learn.microsoft.com/azure/aks/supported-kubernetes-versions',
  ],
  requires: ['settings'],
  consults: ['nodePools', 'nodes'],
  evaluate({ cluster, settings, nodePools, nodes, policy }): readonly Judgement[] {
    const accepted = acceptedHandlers(policy);
    const subject = { kind: 'cluster' } as const;
    const wanted = hasKata(nodePools, nodes);
    if (wanted === undefined) return [{ verdict: 'unknown', subject, message: kataNotKnown(nodePools) }];
    if (!wanted) return [{ verdict: 'not-applicable', subject, message: 'The cluster has no Kata nodes.' }];
    const loose = nodePools.state === 'observed' ? nodesOutside(nodePools.value, nodes) : [];
    return [
      judge(cluster, settings, nodePools),
      ...loose.filter((node) => isKataNode(node, accepted)).map((node) => judgeNode(cluster, node)),
    ];
  },
  withoutAzure({ cluster, nodes, policy }) {
    const kata = nodes.filter((node) => isKataNode(node, acceptedHandlers(policy)));
    if (kata.length === 0) return [{ verdict: 'not-applicable', subject: { kind: 'cluster' }, message: 'The cluster has no Kata nodes.' }];
    return kata.map((node) => judgeNode(cluster, node));
  },
});

/** A kubelet is never newer than its control plane, so its version is a lower bound. */
function judgeNode(cluster: Cluster, { name, kubeletVersion }: KubernetesNode): Judgement {
  const subject = { kind: 'node', name } as const;
  const facts = { kubeletVersion };
  if (minorOf(kubeletVersion) === undefined) {
    return { verdict: 'unknown', subject, message: `The kubelet version ${JSON.stringify(kubeletVersion)} cannot be read.`, facts };
  }
  if (!isOld(kubeletVersion)) return { verdict: 'pass', subject, facts };
  const commands = clusterCommand(cluster, 'get-upgrades', '--output', 'table');
  return { verdict: 'fail', subject, message: `The node runs Kubernetes ${kubeletVersion}, which is too old for Kata.`, facts, commands };
}

/** The versions that Azure reports, and why an expected one is unknown. */
function versionsOf(settings: ClusterSettings, nodePools: Observation<readonly NodePool[]>) {
  const pools = observedValue(nodePools) ?? [];
  const version = (of: string, text: string | undefined) => (text === undefined ? [] : [{ of, version: text }]);
  const ofPools = pools.filter(isKataPool).flatMap(({ name, kubernetesVersion }) => version(`The node pool ${name}`, kubernetesVersion));
  const unread = [settings, ...pools.filter(isKataPool)].flatMap((one) => unreadAmong(one, ['kubernetesVersion']) ?? []);
  // For a pool that may be a Kata pool, only a version known to be new enough gives a verdict.
  const doubtful = pools.filter(({ kubernetesVersion }) => kubernetesVersion === undefined || isOld(kubernetesVersion));
  const doubt = doubtful.flatMap((pool) => unreadAmong(pool, ['workloadRuntime']) ?? []);
  const hidden = nodePools.state === 'unavailable' ? [`The node pools could not be read: ${nodePools.reason.message}`] : [];
  const silent = settings.kubernetesVersion === undefined ? ['Azure does not report the kubernetesVersion of the cluster.'] : [];
  return {
    versions: [...version('The cluster', settings.kubernetesVersion), ...ofPools],
    notKnown: [...unread, ...doubt, ...hidden, ...silent][0],
  };
}

function judge(cluster: Cluster, settings: ClusterSettings, nodePools: Observation<readonly NodePool[]>): Judgement {
  const subject = { kind: 'cluster' } as const;
  const { versions, notKnown } = versionsOf(settings, nodePools);
  const facts = { versions: versions.map(({ of, version }) => `${of} ${version}`) };
  const commands = clusterCommand(cluster, 'get-upgrades', '--output', 'table');
  const upgrade = { remediation: 'Upgrade the cluster and its node pools to a version that Azure offers.', commands };
  const old = versions.find(({ version }) => isOld(version));
  if (old !== undefined) {
    return { verdict: 'fail', subject, message: `${old.of} runs Kubernetes ${old.version}, which is too old for Kata.`, facts, ...upgrade };
  }
  const odd = versions.find(({ version }) => minorOf(version) === undefined);
  if (odd !== undefined) {
    return { verdict: 'unknown', subject, message: `The Kubernetes version ${JSON.stringify(odd.version)} cannot be read.`, facts };
  }
  if (notKnown !== undefined) return { verdict: 'unknown', subject, message: notKnown, facts };
  const { supportNotice, kubernetesVersion } = settings;
  const ofVersion = supportNotice?.kubernetesVersion ?? kubernetesVersion;
  if (supportNotice?.state === 'ended') {
    const message = `Azure announced at ${supportNotice.at} that support for Kubernetes ${ofVersion} has ended.`;
    return { verdict: 'fail', subject, message, facts, ...upgrade };
  }
  if (supportNotice?.state === 'ending') {
    const message = `Azure announced at ${supportNotice.at} that support for Kubernetes ${ofVersion} ends soon.`;
    return { verdict: 'fail', subject, message, severity: 'low', facts, ...upgrade };
  }
  return { verdict: 'pass', subject, facts };
}

function isOld(version: string): boolean {
  const minor = minorOf(version);
  return minor !== undefined && minor < OLDEST_MINOR;
}

/** The minor version; a later major version counts as infinitely new. */
function minorOf(version: string): number | undefined {
  const match = /^v?(\d+)\.(\d+)(\.|$)/.exec(version);
  if (match === null) return undefined;
  const [major = 0, minor = 0] = match.slice(1).map(Number);
  return major > 1 ? Number.POSITIVE_INFINITY : minor;
}
