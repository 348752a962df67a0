import { standsForWorkload } from '../isolation/kata-evidence.ts';
import { isSandboxClass, isUncertain, podClassOf, uncertainty } from '../isolation/pod-class.ts';
import { acceptedHandlers } from '../policy/handlers.ts';
import type { Policy } from '../policy/policy.ts';
import { given } from '../snapshot/given.ts';
import type { PodFeatures, PodGroup } from '../snapshot/pod-group.ts';
import type { Cluster, RuntimeClass } from '../snapshot/snapshot.ts';
import { counted } from '../text/counted.ts';
import type { Remedy } from './command.ts';
import type { Judgement } from './rule.ts';
import { correctTemplate } from './workload-commands.ts';
import { forExample, markedNames, total, type Workload, workloadsOf } from './workload-groups.ts';

/** The evidence that shows which workloads are sandboxed. */
export interface SandboxEvidence {
  readonly workloads: readonly PodGroup[];
  readonly runtimeClasses: readonly RuntimeClass[];
  readonly policy: Policy;
  readonly observedAt: string;
}

/** A workload with pods that are sandboxed, or may be. */
export interface SandboxedWorkload extends Workload {
  /** Pods whose class implies a sandbox. */
  readonly groups: readonly PodGroup[];
  /** Pods for which it is unknown what started them, and why: their sandbox neither passes nor fails. */
  readonly uncertain: readonly { readonly group: PodGroup; readonly why: string }[];
}

/** Judges every workload with pods that are or may be sandboxed, by those pods only. */
export function judgeSandboxed(evidence: SandboxEvidence, judge: (workload: SandboxedWorkload) => Judgement): readonly Judgement[] {
  return sandboxedWorkloads(evidence).map(judge);
}

/** Seven rules need the same workloads of one snapshot, and there may be tens of thousands; they are cached per snapshot. */
const gathered = new WeakMap<readonly PodGroup[], { readonly of: SandboxEvidence; readonly workloads: readonly SandboxedWorkload[] }>();

/** Every workload with pods that are sandboxed, or for which that is unknown. */
export function sandboxedWorkloads(evidence: SandboxEvidence): readonly SandboxedWorkload[] {
  const held = gathered.get(evidence.workloads);
  const isSame = held?.of.runtimeClasses === evidence.runtimeClasses && held.of.policy === evidence.policy;
  if (isSame && held.of.observedAt === evidence.observedAt) return held.workloads;
  const workloads = gather(evidence);
  gathered.set(evidence.workloads, { of: evidence, workloads });
  return workloads;
}

function gather({ workloads, runtimeClasses, policy, observedAt }: SandboxEvidence): readonly SandboxedWorkload[] {
  const accepted = acceptedHandlers(policy);
  const whys = new Map<PodGroup, string>();
  const groups = workloads.filter((group) => {
    if (group.runtimeClassName === undefined || !standsForWorkload(group, observedAt)) return false;
    const podClass = podClassOf(group, runtimeClasses, observedAt);
    const isSandboxed = isSandboxClass(podClass, accepted);
    if (podClass.state !== 'resolved' || (isSandboxed && isUncertain(group, podClass))) whys.set(group, uncertainty(group, podClass));
    return isSandboxed || podClass.state !== 'resolved';
  });
  return workloadsOf(groups).map(({ subject, groups: members }) => ({
    subject,
    groups: members.filter((group) => !whys.has(group)),
    uncertain: members.flatMap((group) => {
      const why = whys.get(group);
      return why === undefined ? [] : [{ group, why }];
    }),
  }));
}

/** A property that weakens a sandbox: how a finding describes it, and what a pass does not cover. */
export interface Feature {
  readonly features: readonly (keyof PodFeatures)[];
  readonly verbs: readonly [one: string, many: string];
  readonly rest: string;
  /** The rule's general advice. */
  readonly advice: string;
  /** The remedy if the pod template is not what must change, given the example pods. */
  readonly remedy?: (examples: readonly string[]) => Remedy;
  /** Why the verdict is unknown although no pod is known to have the property. */
  readonly doubt?: (groups: readonly PodGroup[]) => string | undefined;
  readonly passNote?: (groups: readonly PodGroup[]) => string | undefined;
}

/** Fails a workload whose sandboxed pods have a property, and reports their number. */
export function judgeFeature(
  cluster: Cluster,
  { subject, groups, uncertain }: SandboxedWorkload,
  { features, verbs, rest, advice, remedy, doubt, passNote }: Feature,
): Judgement {
  // A pod may have several of the properties, so the largest count is a lower bound for the number of pods.
  const count = (group: PodGroup) => Math.max(...features.map((feature) => group.features[feature] ?? 0));
  const affected = groups.filter((group) => count(group) > 0);
  if (affected.length > 0) {
    const pods = total(affected, count);
    const examples = [...new Set(features.flatMap((feature) => markedNames(affected, feature)))].slice(0, 3);
    const message = `${counted(pods, 'sandboxed pod')} ${pods === 1 ? verbs[0] : verbs[1]} ${rest}${forExample(examples)}.`;
    return {
      verdict: 'fail',
      subject,
      message,
      facts: { pods, examples },
      ...(remedy?.(examples) ?? correctTemplate(cluster, subject, advice)),
    };
  }
  const doubtful = uncertain.find(({ group }) => count(group) > 0);
  if (doubtful !== undefined) {
    const pods = count(doubtful.group);
    const message = `${counted(pods, 'pod')} ${pods === 1 ? verbs[0] : verbs[1]} ${rest}, and it is unknown whether they run in a pod VM: ${doubtful.why}.`;
    return { verdict: 'unknown', subject, message, facts: { pods } };
  }
  const all = [...groups, ...uncertain.map(({ group }) => group)];
  const unseen = doubt?.(all);
  if (unseen !== undefined) return { verdict: 'unknown', subject, message: unseen, facts: { pods: total(all, ({ pods }) => pods) } };
  const note = passNote?.(all);
  return { verdict: 'pass', subject, ...given({ message: note }), facts: { pods: total(all, ({ pods }) => pods) } };
}
