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

/** The rules that a pod template can be judged by: what only a running cluster shows is left to the audit. */
const WORKLOAD_RULES: readonly string[] = GUARDED_RULES;
/** The rules that a RuntimeClass can be judged by before it is in a cluster. */
const CLASS_RULES: readonly string[] = ['runtime-class-handler', 'runtime-class-overhead'];

/** The handler of a class that nobody defines. */
const UNKNOWN_HANDLER = 'unknown';

/** Where a rule's finding lies. */
type PlaceOf = (ruleId: string) => Place;

/** A finding with the place of what it is about. */
export interface PlacedFinding {
  readonly finding: Finding;
  readonly place: Place;
}

/** What a check of manifests found. */
export interface CheckedManifests {
  /** In the order of the files. */
  readonly findings: readonly PlacedFinding[];
  readonly remarks: readonly ManifestRemark[];
  readonly files: number;
  readonly objects: number;
  /** Pod templates that were judged. */
  readonly workloads: number;
}

/** Manifests belong to no cluster yet; exemptions for clusters of certain names do not reach them. */
const NO_CLUSTER: Cluster = { id: 'manifests', name: '', subscriptionId: '', resourceGroup: '', location: '', tags: {} };

/** What the check needs besides the files. */
export interface CheckManifests {
  readonly policy: Policy;
  readonly rules: readonly Rule[];
  /** Whether somebody said which namespace objects land in that name none. */
  readonly isNamespaceGiven: boolean;
  readonly now: Date;
}

/** Judges each pod template and each RuntimeClass by itself, by the rules of the audit: one name may stand in several files. */
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
    remarks.push({ weight: 'gap', message: 'The files hold no Kubernetes object: there was nothing to judge.' });
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
      namespace === undefined ? unavailable('not-found', 'The files hold no manifest of the namespace.') : observed([namespace]);
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
      const message = `The policy asks for labels of the namespace ${namespace}, which is not in the files: whether ${counted(count, 'workload')} must be sandboxed by them is not known. Add the manifest of the namespace.`;
      return { weight: 'gap', message };
    });
    if (this.#withoutNamespace > 0) {
      const message = `${counted(this.#withoutNamespace, 'workload')} ${this.#withoutNamespace === 1 ? 'names' : 'name'} no namespace, and the policy is about namespaces: taken as "default". Give the namespace by -n.`;
      unseen.push({ weight: 'gap', message });
    }
    return [...this.#remarks, ...unseen];
  }

  #dependsOnNames(): boolean {
    return this.#context.policy.workloads.some(({ namespaces }) => namespaces !== undefined && !namespaces.includes('*'));
  }

  /**
   * The classes that a workload is judged by. One that nobody defines starts nothing that is known: a workload that must be
   * sandboxed is not shown to be by naming it, and admission would refuse its pods.
   */
  #classesFor({ runtimeClassName: name, ownerKind, ownerName }: PodGroup, required: boolean, placeOf: PlaceOf): readonly RuntimeClass[] {
    if (name === undefined || this.#classes.some((one) => one.name === name)) return this.#classes;
    const message = `${ownerKind} ${ownerName} names the RuntimeClass ${name}, which is neither in the files nor one of AKS: what starts its pods is not known. Add the manifest of the class.`;
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
      // Namespaces that are not in the files are told of once each, below.
      if (!isNamespaceUnseen || ruleId !== 'workload-sandboxed')
        this.#remarks.push({ weight: 'not-judged', place: placeOf(ruleId), message });
    }
    return findings.map((finding) => {
      const { remediation } = rules.find(({ id }) => id === finding.ruleId) ?? finding;
      // Commands fix what runs in a cluster; here the file is to be fixed.
      return { finding: { ...finding, remediation, commands: [] }, place: placeOf(finding.ruleId) };
    });
  }
}

/** A snapshot that holds nothing but what manifests show. */
function manifestSnapshot(
  parts: Partial<Pick<ClusterSnapshot, 'workloads' | 'runtimeClasses' | 'namespaces'>>,
  now: Date,
): ClusterSnapshot {
  const notAsked = unavailable('not-asked', 'Manifests do not show it.');
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
