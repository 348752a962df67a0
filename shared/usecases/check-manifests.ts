import type { Finding } from '../domain/findings/finding.ts';
import { GUARDED_RULES } from '../domain/guardrail/checks.ts';
import { withAksClasses } from '../domain/isolation/aks-classes.ts';
import { looksLikeKata } from '../domain/isolation/kata-evidence.ts';
import type { Policy } from '../domain/policy/policy.ts';
import { sandboxRequirementOf } from '../domain/policy/sandbox-requirement.ts';
import type { Rule } from '../domain/rule/rule.ts';
import { observed, unavailable } from '../domain/snapshot/observation.ts';
import type { PodGroup } from '../domain/snapshot/pod-group.ts';
import { TEMPLATES_NOT_ASKED } from '../domain/snapshot/pod-template.ts';
import type { Cluster, ClusterSnapshot, Namespace, RuntimeClass } from '../domain/snapshot/snapshot.ts';
import { counted } from '../domain/text/counted.ts';
import { type ManifestEvidence, type ManifestRemark, type ManifestWorkload, type Place, workloadKey } from '../ports/manifests.ts';
import { auditSnapshot } from './audit-snapshot.ts';

/** Rules that can judge a pod template. Rules that need a running cluster are left to the audit. */
const WORKLOAD_RULES: readonly string[] = GUARDED_RULES;
/** Rules that can judge a RuntimeClass before it is applied. */
const CLASS_RULES: readonly string[] = ['runtime-class-handler', 'runtime-class-overhead'];

/** The handler assumed for a RuntimeClass that is not defined anywhere. */
const UNKNOWN_HANDLER = 'unknown';

/** Returns the place in the files of a rule's finding. */
type PlaceOf = (ruleId: string) => Place;

/** A finding with the place in the files that it refers to. */
export interface PlacedFinding {
  readonly finding: Finding;
  readonly place: Place;
}

/** The result of checking manifests. */
export interface CheckedManifests {
  /** In file order. */
  readonly findings: readonly PlacedFinding[];
  readonly remarks: readonly ManifestRemark[];
  readonly files: number;
  readonly objects: number;
  /** Number of pod templates that were judged. */
  readonly workloads: number;
}

/** Manifests belong to no cluster yet, so exemptions that name clusters do not apply. */
const NO_CLUSTER: Cluster = { id: 'manifests', name: '', subscriptionId: '', resourceGroup: '', location: '', tags: {} };

/** Input of the check besides the files. */
export interface CheckManifests {
  readonly policy: Policy;
  readonly rules: readonly Rule[];
  /** Whether the user gave a namespace for objects that name none. */
  readonly isNamespaceGiven: boolean;
  readonly now: Date;
}

/** Judges each pod template and RuntimeClass on its own with the rules of the audit, because several files may use the same name. */
export function checkManifests(evidence: ManifestEvidence, context: CheckManifests): CheckedManifests {
  const judge = new ManifestJudge(evidence, context);
  const keys = new Set(evidence.workloads.map(({ group }) => keyOf(group)));
  const own = evidence.workloads.filter(({ owner }) => owner === undefined || !keys.has(owner));
  const findings = [
    ...evidence.runtimeClasses.flatMap(({ runtimeClass, placeOf }) => judge.ofClass(runtimeClass, placeOf)),
    ...own.flatMap((workload) => judge.ofWorkload(workload)),
  ];
  const remarks = [...evidence.remarks, ...judge.remarks()];
  const isSilent = !remarks.some(({ weight }) => weight === 'not-judged');
  if (evidence.objects === 0 && isSilent)
    remarks.push({ weight: 'gap', message: 'The files contain no Kubernetes object, so nothing was judged.' });
  return { findings, remarks, files: evidence.files, objects: evidence.objects, workloads: own.length };
}

function keyOf({ namespace, ownerKind, ownerName }: PodGroup): string {
  return workloadKey(namespace, ownerKind, ownerName);
}

class ManifestJudge {
  readonly #namespaces: ReadonlyMap<string, Namespace>;
  readonly #context: CheckManifests;
  readonly #classes: readonly RuntimeClass[];
  readonly #workloadRules: readonly Rule[];
  readonly #classRules: readonly Rule[];
  readonly #unseen = new Map<string, number>();
  readonly #remarks: ManifestRemark[] = [];
  #withoutNamespace = 0;

  constructor(evidence: ManifestEvidence, context: CheckManifests) {
    this.#namespaces = new Map(evidence.namespaces.map((namespace) => [namespace.name, namespace]));
    this.#context = context;
    const own = evidence.runtimeClasses.map(({ runtimeClass }) => runtimeClass);
    this.#classes = withAksClasses(own);
    this.#workloadRules = context.rules.filter(({ id }) => WORKLOAD_RULES.includes(id));
    this.#classRules = context.rules.filter(({ id }) => CLASS_RULES.includes(id));
  }

  ofClass(runtimeClass: RuntimeClass, placeOf: PlaceOf): readonly PlacedFinding[] {
    return this.#judge(this.#classRules, { runtimeClasses: observed([runtimeClass]) }, placeOf, false);
  }

  ofWorkload({ group, placeOf, namesNamespace }: ManifestWorkload): readonly PlacedFinding[] {
    const namespace = this.#namespaces.get(group.namespace);
    const namespaces =
      namespace === undefined ? unavailable('not-found', 'The files contain no manifest of the namespace.') : observed([namespace]);
    const labels = namespace && new Map([[namespace.name, namespace]]);
    const { certain, possible } = sandboxRequirementOf(this.#context.policy, group, labels);
    if (possible.length > 0 && certain.length === 0) this.#unseen.set(group.namespace, (this.#unseen.get(group.namespace) ?? 0) + 1);
    if (!namesNamespace && !this.#context.isNamespaceGiven && this.#dependsOnNames()) this.#withoutNamespace += 1;
    const classes = this.#classesFor(group, certain.length > 0, placeOf);
    const parts = { workloads: observed([group]), runtimeClasses: observed(classes), namespaces };
    return this.#judge(this.#workloadRules, parts, placeOf, possible.length > 0);
  }

  remarks(): readonly ManifestRemark[] {
    const unseen = [...this.#unseen].map(([namespace, count]): ManifestRemark => {
      const message = `The policy selects by labels of the namespace ${namespace}, which is not in the files, so it is unknown whether ${counted(count, 'workload')} must be sandboxed. Add the manifest of the namespace.`;
      return { weight: 'gap', message };
    });
    if (this.#withoutNamespace > 0) {
      const message = `${counted(this.#withoutNamespace, 'workload')} ${this.#withoutNamespace === 1 ? 'names' : 'name'} no namespace, and the policy selects by namespace; "default" is assumed. Set the namespace with -n.`;
      unseen.push({ weight: 'gap', message });
    }
    return [...this.#remarks, ...unseen];
  }

  #dependsOnNames(): boolean {
    return this.#context.policy.workloads.some(({ namespaces }) => namespaces !== undefined && !namespaces.includes('*'));
  }

  /**
   * Returns the RuntimeClasses to judge a workload with. If the workload must be sandboxed, a class that is not defined anywhere does not
   * count as sandboxed, and admission would reject its pods.
   */
  #classesFor({ runtimeClassName: name, ownerKind, ownerName }: PodGroup, required: boolean, placeOf: PlaceOf): readonly RuntimeClass[] {
    if (name === undefined || this.#classes.some((one) => one.name === name)) return this.#classes;
    const message = `${ownerKind} ${ownerName} names the RuntimeClass ${name}, which is neither in the files nor provided by AKS, so its handler is unknown. Add the manifest of the class.`;
    const weight = required || looksLikeKata(name) ? 'not-judged' : 'told';
    this.#remarks.push({ weight, place: placeOf('workload-sandboxed'), message });
    return [...this.#classes, { name, handler: UNKNOWN_HANDLER, nodeSelector: {} }];
  }

  #judge(
    rules: readonly Rule[],
    parts: Partial<Pick<ClusterSnapshot, 'workloads' | 'runtimeClasses' | 'namespaces'>>,
    placeOf: PlaceOf,
    isNamespaceUnseen: boolean,
  ): readonly PlacedFinding[] {
    const { policy, now } = this.#context;
    const { findings, unknown } = auditSnapshot(manifestSnapshot(parts, now), rules, policy);
    for (const { ruleId, message } of unknown) {
      // Namespaces that are not in the files are reported once each, below.
      if (!isNamespaceUnseen || ruleId !== 'workload-sandboxed')
        this.#remarks.push({ weight: 'not-judged', place: placeOf(ruleId), message });
    }
    return findings.map((finding) => {
      const { remediation } = rules.find(({ id }) => id === finding.ruleId) ?? finding;
      // The remediation commands change a running cluster. Here the file must be changed.
      return { finding: { ...finding, remediation, commands: [] }, place: placeOf(finding.ruleId) };
    });
  }
}

/** Builds a snapshot that contains only what manifests show. */
function manifestSnapshot(
  parts: Partial<Pick<ClusterSnapshot, 'workloads' | 'runtimeClasses' | 'namespaces'>>,
  now: Date,
): ClusterSnapshot {
  const notAsked = unavailable('not-asked', 'Manifests do not contain this.');
  return {
    schemaVersion: 1,
    cluster: NO_CLUSTER,
    observedAt: now.toISOString(),
    settings: notAsked,
    nodePools: notAsked,
    latestImages: notAsked,
    nodes: notAsked,
    runtimeClasses: notAsked,
    namespaces: notAsked,
    workloads: notAsked,
    templates: TEMPLATES_NOT_ASKED,
    isolationProofs: notAsked,
    guardrails: notAsked,
    ...parts,
  };
}
