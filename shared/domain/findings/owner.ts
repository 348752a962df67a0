import type { Policy } from '../policy/policy.ts';
import { given } from '../snapshot/given.ts';
import { observedValue } from '../snapshot/observation.ts';
import type { PodGroup } from '../snapshot/pod-group.ts';
import type { ClusterSnapshot } from '../snapshot/snapshot.ts';
import { kindOf, type Subject } from '../snapshot/subject.ts';
import type { Finding, FindingChange } from './finding.ts';

/** Maximum length of an owner's name, which comes from a label or tag and is shown in lists. */
const MAX_NAME = 200;

type Labels = Readonly<Record<string, string>>;

/**
 * Returns a function that finds the owner of a cluster's subject: the first of the policy's labels on its workload, then on its
 * namespace, then the first of the policy's tags on the cluster.
 */
export function ownersIn(
  { cluster, workloads, namespaces }: Pick<ClusterSnapshot, 'cluster' | 'workloads' | 'namespaces'>,
  { labels, tags }: Policy['owners'],
): (subject: Subject) => string | undefined {
  const ofWorkload = new Map<string, Labels>();
  for (const group of observedValue(workloads) ?? []) {
    // During the rollout of a workload, only some of its pods may have the label.
    ofWorkload.set(keyOf(group), { ...group.labels, ...ofWorkload.get(keyOf(group)) });
  }
  const ofNamespace = new Map<string, Labels>();
  for (const one of observedValue(namespaces) ?? []) ofNamespace.set(one.name, one.labels);
  const ofCluster = firstOf(
    tags.map((tag) => tag.toLowerCase()),
    lowerNames(cluster.tags),
  );
  return (subject) => {
    if (subject.kind !== 'workload') return ofCluster;
    const places = [ofWorkload.get(keyOf(subject)), ofNamespace.get(subject.namespace)];
    return places.map((place = {}) => firstOf(labels, place)).find((one) => one !== undefined) ?? ofCluster;
  };
}

function keyOf(workload: Pick<PodGroup, 'namespace' | 'ownerKind' | 'ownerName' | 'ownerGroup'>): string {
  return `${workload.namespace}/${kindOf(workload)}/${workload.ownerName}`;
}

/** Adds to each changed finding its owner and the time of its last change. */
export function withOwners(
  changes: readonly FindingChange[],
  held: readonly Finding[],
  snapshot: ClusterSnapshot,
  policy: Pick<Policy, 'owners'>,
): readonly FindingChange[] {
  const before = new Map(held.map((finding) => [finding.id, finding]));
  const ownerOf = ownersIn(snapshot, policy.owners);
  return changes.map(({ kind, finding }) => {
    const changedAt = kind === 'seen' ? before.get(finding.id)?.changedAt : finding.observedAt;
    const { owner: earlier, ...rest } = finding;
    // The subject of a resolved finding may be missing in the snapshot, and so may its labels.
    const owner = finding.status === 'open' ? ownerOf(finding.subject) : earlier;
    return { kind, finding: { ...rest, ...given({ changedAt, owner }) } };
  });
}

function firstOf(names: readonly string[], values: Labels): string | undefined {
  const name = names.find((one) => Object.hasOwn(values, one) && values[one] !== '');
  return name === undefined ? undefined : values[name]?.slice(0, MAX_NAME);
}

/** Tag names in Azure are case-insensitive. */
function lowerNames(tags: Labels): Labels {
  return Object.fromEntries(Object.entries(tags).map(([name, value]) => [name.toLowerCase(), value]));
}
