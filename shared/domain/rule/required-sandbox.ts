import { hasProvenPods, type ProofEvidence } from '../isolation/isolation-proof.ts';
import { activePods, livesBetweenRuns, standsForWorkload } from '../isolation/kata-evidence.ts';
import { isUncertain, type PodClass, podClassOf, uncertainty } from '../isolation/pod-class.ts';
import { acceptedHandlers, handlerKind } from '../policy/handlers.ts';
import type { Policy, WorkloadRequirement } from '../policy/policy.ts';
import { isAccepted, type NamespaceLabels, sandboxRequirementOf, unreadLabel } from '../policy/sandbox-requirement.ts';
import type { Severity } from '../policy/severity.ts';
import type { PodGroup } from '../snapshot/pod-group.ts';
import type { PodTemplate } from '../snapshot/pod-template.ts';
import type { Cluster, RuntimeClass } from '../snapshot/snapshot.ts';
import { subjectKey } from '../snapshot/subject.ts';
import { counted } from '../text/counted.ts';
import type { Judgement } from './rule.ts';
import { sandboxRemedy } from './sandbox-remedy.ts';
import { changeUnderWay } from './template-change.ts';
import { exampleNames, forExample, total, type Workload } from './workload-groups.ts';

/** The evidence that shows whether a workload is sandboxed as required. */
export interface RequiredEvidence extends ProofEvidence {
  readonly cluster: Cluster;
  readonly runtimeClasses: readonly RuntimeClass[];
  readonly labels: NamespaceLabels;
  /** By the key of the workload as a subject; those that were read. */
  readonly templates: ReadonlyMap<string, PodTemplate>;
  readonly policy: Policy;
  readonly observedAt: string;
}

/** How a group of pods compares with what the policy requires of it. */
export interface Standing {
  readonly group: PodGroup;
  readonly required: readonly WorkloadRequirement[];
  readonly possible: readonly WorkloadRequirement[];
  readonly podClass: PodClass;
  readonly place: 'inside' | 'outside' | 'uncertain';
}

/** Judges one workload by all groups of its pods. Returns nothing for a workload that needs no sandbox. */
export function judgeRequired({ subject, groups }: Workload, evidence: RequiredEvidence): readonly Judgement[] {
  const all = groups.map((group) => standingOf(group, evidence));
  const stands = ({ group }: Standing) => standsForWorkload(group, evidence.observedAt);
  const standing = all.filter(stands);
  const finished = all.filter((one) => !stands(one));
  const required = standing.filter((one) => one.required.length > 0);
  const ended = finishedFacts(finished);
  const outside = required.filter(({ place }) => place === 'outside');
  if (outside.length > 0) return [failure(subject, outside, required, ended, evidence)];
  const message = doubtOf(required, standing, evidence);
  if (message !== undefined) return [{ verdict: 'unknown', subject, message, ...factsOf(ended) }];
  if (required.length > 0) {
    const facts = {
      pods: total(
        required.map(({ group }) => group),
        ({ pods }) => pods,
      ),
      requirement: namesOf(required),
      ...ended,
    };
    return [{ verdict: 'pass', subject, facts }];
  }
  if (ended.finishedPods === undefined) return [];
  const told = `${counted(ended.finishedPods, 'finished pod')} ran without a sandbox; none of its pods is running now.`;
  return [{ verdict: 'not-applicable', subject, message: told, ...factsOf(ended) }];
}

/** Compares a group of pods with the policy, by its class and by its proofs. */
export function standingOf(group: PodGroup, evidence: RequiredEvidence): Standing {
  const { certain, possible } = sandboxRequirementOf(evidence.policy, group, evidence.labels);
  const podClass = podClassOf(group, evidence.runtimeClasses, evidence.observedAt);
  return { group, required: certain, possible, podClass, place: placeOf(group, podClass, [...certain, ...possible], evidence) };
}

function placeOf(
  group: PodGroup,
  podClass: PodClass,
  requirements: readonly WorkloadRequirement[],
  evidence: ProofEvidence,
): Standing['place'] {
  if (podClass.state === 'none') return 'outside';
  const uncertain = isUncertain(group, podClass);
  if (uncertain && hasProvenPods(group, evidence)) return 'inside';
  if (uncertain || podClass.state !== 'resolved') return 'uncertain';
  if (!isAccepted(podClass.runtimeClass.handler, requirements)) return 'outside';
  return group.olderThanClass === undefined ? 'inside' : 'uncertain';
}

/** Why a workload without pods that certainly run without a sandbox still cannot pass; `undefined` if it can. */
function doubtOf(required: readonly Standing[], standing: readonly Standing[], { policy, labels }: RequiredEvidence): string | undefined {
  const uncertain = required.find(({ place }) => place === 'uncertain');
  if (uncertain !== undefined) {
    const { group, podClass } = uncertain;
    const pods = group.olderThanClass ?? group.pods;
    return `It is unknown whether ${counted(pods, 'pod')} ${pods === 1 ? 'runs' : 'run'} in a pod VM: ${uncertainty(group, podClass)}.`;
  }
  const elsewhere = standing.filter(({ place }) => place !== 'inside');
  const possible = elsewhere.find((one) => one.possible.length > 0);
  if (possible !== undefined) return unseenLabels(possible.group, labels);
  for (const { group } of elsewhere) {
    const unread = unreadLabel(policy, group, labels);
    if (unread === undefined) continue;
    const where = unread.on === 'pods' ? 'Its pods have the label' : `Its namespace ${group.namespace} has the label`;
    return `${where} kataudit.io/sandbox=${unread.value}, a value that the policy does not use, and ${counted(activePods(group), 'pod')} run without a sandbox. Set it to required or none.`;
  }
  return undefined;
}

/** Returns which labels could not be read, so that the policy's requirement is unknown. */
export function unseenLabels({ namespace, labelsCut }: PodGroup, labels: NamespaceLabels): string {
  const unknown = 'so it is unknown what the policy requires.';
  if (labels === undefined) return `The labels of its namespace could not be read, ${unknown}`;
  const seen = labels.get(namespace);
  if (seen === undefined) return `Its namespace ${namespace} is not in the list of namespaces, ${unknown}`;
  return labelsCut === undefined
    ? `Its namespace has more labels than are stored, ${unknown}`
    : `Its pods have more labels than are stored, ${unknown}`;
}

function failure(
  subject: Workload['subject'],
  outside: readonly Standing[],
  required: readonly Standing[],
  ended: FinishedFacts,
  evidence: RequiredEvidence,
): Judgement {
  const groups = outside.map(({ group }) => group);
  const ways = [...new Set(outside.map((one) => wayOf(one, evidence.policy)))];
  const { cluster, runtimeClasses: classes, nodes } = evidence;
  const inside = required.filter(({ place }) => place === 'inside').map(({ group }) => group);
  const requirements = outside.flatMap((one) => one.required);
  const wish = { cluster, subject, outside: groups, classes, requirements, nodes };
  const template = evidence.templates.get(subjectKey(subject));
  const change = changeUnderWay({ cluster, subject, inside, outside: groups, classes }, template, wish);
  const examples = exampleNames(groups);
  const message = [`${sentence(outside, ways, evidence)}${forExample(examples)}.`, ...(change === undefined ? [] : [change.message])].join(
    ' ',
  );
  const facts = {
    pods: total(groups, ({ pods }) => pods),
    requirement: namesOf(outside),
    runtime: ways.map(({ text }) => text),
    examples,
    ...ended,
  };
  return { verdict: 'fail', subject, message, facts, ...severityOf(ways), ...(change?.remedy ?? sandboxRemedy(wish)) };
}

function sentence(outside: readonly Standing[], ways: readonly Way[], { observedAt }: RequiredEvidence): string {
  const groups = outside.map(({ group }) => group);
  const pods = total(groups, ({ pods: some }) => some);
  const kind = ways.every(({ startsVm }) => startsVm) ? 'with an accepted handler' : 'in a pod VM';
  const how = ways.map(({ text }) => text).join('; ');
  const between = groups.every((group) => livesBetweenRuns(group, observedAt)) ? groups[0] : undefined;
  if (between === undefined) {
    return `${counted(pods, 'pod')} must run ${kind} (${namesOf(outside).join('; ')}) and ${pods === 1 ? 'does' : 'do'} not: ${how}`;
  }
  const run =
    between.lastRunAt === undefined
      ? `the last attempt, which ended at ${between.lastEnded?.at ?? ''}`
      : `the last run, of ${between.lastRunAt}`;
  return `${counted(pods, 'pod')} of ${run}, had to run ${kind} (${namesOf(outside).join('; ')}) and did not: ${how}`;
}

/** How some pods run without the required sandbox. */
export interface Way {
  readonly text: string;
  /** It runs in a VM, but the policy does not accept that VM. */
  readonly startsVm: boolean;
}

/** How the pods of a group run, in words. */
export function wayOf({ podClass }: Standing, policy: Policy): Way {
  if (podClass.state !== 'resolved') return { text: "no RuntimeClass, so the node's default runtime", startsVm: false };
  const { name, handler } = podClass.runtimeClass;
  const kind = handlerKind(handler, acceptedHandlers(policy));
  const text = `the RuntimeClass ${name} with the handler ${handler}`;
  switch (kind) {
    case 'starts-vm':
      return { text: `${text}, which starts a VM type that AKS does not support and the policy does not accept`, startsVm: true };
    case 'aks':
    case 'accepted':
      return { text: `${text}, which the policy does not accept here`, startsVm: true };
    case 'unknown':
      return { text: `${text}, which may or may not start a pod VM`, startsVm: false };
    case 'ordinary':
      return { text, startsVm: false };
  }
}

/** A VM that the policy does not accept is better than none. */
export function severityOf(ways: readonly Way[]): { readonly severity?: Severity } {
  return ways.every(({ startsVm }) => startsVm) ? { severity: 'high' } : {};
}

type FinishedFacts = { readonly finishedPods?: number };

/** Finished pods that ran without the required sandbox: reported as facts, not as a finding. */
function finishedFacts(finished: readonly Standing[]): FinishedFacts {
  const outside = finished.filter(({ required, place }) => required.length > 0 && place === 'outside');
  const finishedPods = total(
    outside.map(({ group }) => group),
    ({ pods }) => pods,
  );
  return finishedPods === 0 ? {} : { finishedPods };
}

function factsOf(ended: FinishedFacts) {
  return ended.finishedPods === undefined ? {} : { facts: { finishedPods: ended.finishedPods } };
}

/** The statements of the policy that require a sandbox of some pods, by name. */
export function namesOf(standings: readonly Standing[]): readonly string[] {
  return [...new Set(standings.flatMap(({ required }) => required.map(({ name }) => name)))];
}
