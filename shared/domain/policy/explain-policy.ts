import { given } from '../snapshot/given.ts';
import { parseClusterId } from '../snapshot/resource-id.ts';
import { covers, isLive } from './exemption.ts';
import { matchesGlobs } from './glob.ts';
import type { Exemption, LabelSelector, Policy, WorkloadRequirement } from './policy.ts';
import { selects } from './scope.ts';

/** Cluster and namespace to explain; absent labels are unknown, which differs from having none. */
export interface PolicyQuestion {
  readonly cluster: string;
  readonly tags: LabelSelector;
  readonly namespace?: string;
  readonly namespaceLabels?: LabelSelector;
  readonly podLabels?: LabelSelector;
}

/** One entry of the policy and how it applies to the question. */
export interface EntryExplanation {
  /** Its position, for example `workloads[0]`. */
  readonly entry: string;
  readonly name: string;
  /** `depends`: the answer depends on labels that the question does not contain. */
  readonly holds: 'yes' | 'no' | 'depends';
  readonly why: string;
}

/** How a policy applies to a cluster and a namespace, entry by entry. */
export interface PolicyExplanation {
  readonly inScope: boolean;
  readonly scope: string;
  /** The entry that decides whether the cluster must have a Kata pool; absent when none matches. */
  readonly kataPool?: EntryExplanation & { readonly required: boolean };
  readonly workloads: readonly EntryExplanation[];
  /** Exemptions that may cover findings there. */
  readonly exemptions: readonly { readonly exemption: Exemption; readonly live: boolean }[];
}

/** Explains which policy entries apply to a cluster and a namespace, and why. */
export function explainPolicy(policy: Policy, question: PolicyQuestion, now: Date): PolicyExplanation {
  const at = policy.clusters.findIndex(
    (one) => matchesGlobs(question.cluster, one.clusters ?? ['*']) && selects(one.tags ?? {}, question.tags),
  );
  const decides = policy.clusters[at];
  return {
    ...explainScope(policy, question),
    ...(decides === undefined
      ? {}
      : {
          kataPool: {
            entry: `clusters[${at}]`,
            name: decides.name,
            holds: 'yes' as const,
            required: decides.kataPool === 'required',
            why: [globsText('its name', question.cluster, decides.clusters), selectorText('its tags', decides.tags)]
              .filter(Boolean)
              .join('; '),
          },
        }),
    workloads: policy.workloads.map((one, index) => ({ entry: `workloads[${index}]`, name: one.name, ...explainWorkload(one, question) })),
    exemptions: policy.exemptions
      .filter((exemption) => mayCover(exemption, question))
      .map((exemption) => ({ exemption, live: isLive(exemption, now) })),
  };
}

function explainScope({ scope }: Policy, { cluster, tags }: PolicyQuestion): Pick<PolicyExplanation, 'inScope' | 'scope'> {
  const out = (why: string) => ({ inScope: false, scope: why });
  if (!matchesGlobs(cluster, scope.include)) return out(`scope.include (${scope.include.join(', ')}) does not name it`);
  if (matchesGlobs(cluster, scope.exclude)) return out(`scope.exclude (${scope.exclude.join(', ')}) names it`);
  if (Object.keys(scope.excludeTags).length > 0 && selects(scope.excludeTags, tags)) {
    return out(`it has the tags of scope.excludeTags (${labelsText(scope.excludeTags)})`);
  }
  if (!selects(scope.includeTags, tags)) return out(`it lacks tags of scope.includeTags (${labelsText(scope.includeTags)})`);
  return { inScope: true, scope: `scope.include (${scope.include.join(', ')}) names it` };
}

function explainWorkload(one: WorkloadRequirement, question: PolicyQuestion): Pick<EntryExplanation, 'holds' | 'why'> {
  const { namespace } = question;
  if (one.namespaces !== undefined && namespace !== undefined && !matchesGlobs(namespace, one.namespaces)) {
    return { holds: 'no', why: `${namespace} does not match ${one.namespaces.join(', ')}` };
  }
  const parts = [
    bySelector('the namespace', one.namespaceLabels, question.namespaceLabels),
    bySelector('the pod', one.podLabels, question.podLabels),
    ...(one.namespaces !== undefined && namespace === undefined
      ? [{ holds: 'depends' as const, why: `for namespaces like ${one.namespaces.join(', ')}` }]
      : []),
  ];
  const decisive = parts.find(({ holds }) => holds === 'no') ?? parts.find(({ holds }) => holds === 'depends');
  if (decisive !== undefined) return decisive;
  const why = [globsText('the namespace', namespace ?? '', one.namespaces), ...parts.map((part) => part.why)].filter(Boolean).join('; ');
  return { holds: 'yes', why: why === '' ? 'it names every pod' : why };
}

function bySelector(
  whose: string,
  selector: LabelSelector = {},
  labels: LabelSelector | undefined,
): Pick<EntryExplanation, 'holds' | 'why'> {
  if (Object.keys(selector).length === 0) return { holds: 'yes', why: '' };
  const text = labelsText(selector);
  if (labels === undefined) return { holds: 'depends', why: `if ${whose} has the labels ${text}` };
  return selects(selector, labels)
    ? { holds: 'yes', why: `${whose} has the labels ${text}` }
    : { holds: 'no', why: `${whose} lacks the labels ${text}` };
}

/** Whether an exemption can cover a finding on the cluster and, if one is given, in the namespace. */
function mayCover(exemption: Exemption, { cluster, namespace }: PolicyQuestion): boolean {
  const { rule, clusterId, kind } = exemption;
  // A scope by id names one cluster, but the question has only names.
  const named = clusterId === undefined ? undefined : parseClusterId(clusterId)?.name;
  const reaches =
    (named === undefined || named.toLowerCase() === cluster.toLowerCase()) && matchesGlobs(cluster, [exemption.cluster ?? '*']);
  if (!reaches || namespace === undefined) return reaches;
  const subject = { kind: 'workload', namespace, ownerKind: '', ownerName: '' } as const;
  const anyWorkload = {
    rule,
    ...given({ kind, namespace: exemption.namespace }),
  };
  const isOther = [exemption.pool, exemption.class, exemption.node].some((one) => one !== undefined);
  return !isOther && covers(anyWorkload, { ruleId: rule, clusterId: '', clusterName: cluster, subject });
}

function globsText(whose: string, name: string, globs: readonly string[] | undefined): string {
  return globs === undefined ? '' : `${whose} ${name} matches ${globs.join(', ')}`;
}

function selectorText(whose: string, selector: LabelSelector = {}): string {
  return Object.keys(selector).length === 0 ? '' : `${whose} have ${labelsText(selector)}`;
}

function labelsText(labels: LabelSelector): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(', ');
}
