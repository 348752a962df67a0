import { activePods, sandboxedGroups } from '../isolation/kata-evidence.ts';
import type { Cluster, PodGroup, RuntimeClass } from '../snapshot/snapshot.ts';
import type { Judgement } from './rule.ts';
import { correctTemplate } from './workload-commands.ts';
import { exampleNames, forExample, plural, total, type Workload, workloadsOf } from './workload-groups.ts';

/** Judges every workload that has living pods in a Kata class, by those pods alone. */
export function judgeSandboxed(
  groups: readonly PodGroup[],
  classes: readonly RuntimeClass[],
  judge: (workload: Workload) => Judgement,
): readonly Judgement[] {
  return sandboxedWorkloads(groups, classes).map(judge);
}

/** Six rules ask for the same workloads of one snapshot, which may be tens of thousands; they go with the snapshot. */
const gathered = new WeakMap<readonly PodGroup[], { readonly classes: readonly RuntimeClass[]; readonly workloads: readonly Workload[] }>();

function sandboxedWorkloads(groups: readonly PodGroup[], classes: readonly RuntimeClass[]): readonly Workload[] {
  const held = gathered.get(groups);
  if (held?.classes === classes) return held.workloads;
  const workloads = workloadsOf(sandboxedGroups(groups, classes));
  gathered.set(groups, { classes, workloads });
  return workloads;
}

/** What weakens or starves a sandbox, how it is counted, and what a finding says of it. */
export interface Feature {
  readonly count: (group: PodGroup) => number;
  /** The verb of one pod, and of many. */
  readonly verbs: readonly [one: string, many: string];
  readonly rest: string;
  /** What the rule says is to be done. */
  readonly advice: string;
}

/** Fails a workload whose sandboxed pods have a feature, and says how many, in the number of the verb. */
export function judgeFeature(cluster: Cluster, workload: Workload, { count, verbs, rest, advice }: Feature): Judgement {
  const { subject, groups } = workload;
  const affected = groups.filter((group) => count(group) > 0);
  if (affected.length === 0) return { verdict: 'pass', subject, facts: { pods: total(groups, activePods) } };
  const pods = total(affected, count);
  const examples = exampleNames(affected);
  const message = `${plural(pods, 'sandboxed pod')} ${pods === 1 ? verbs[0] : verbs[1]} ${rest}${forExample(examples)}.`;
  return { verdict: 'fail', subject, message, facts: { pods, examples }, ...correctTemplate(cluster, subject, advice) };
}
