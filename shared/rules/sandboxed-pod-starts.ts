import { objectName } from '../domain/rule/command-words.ts';
import { kubectlCommands } from '../domain/rule/commands.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import { judgeSandboxed, type SandboxEvidence, type SandboxedWorkload } from '../domain/rule/sandboxed-workload.ts';
import { missingSelector } from '../domain/rule/update-strategy.ts';
import { forExample, markedNames, total } from '../domain/rule/workload-groups.ts';
import { given } from '../domain/snapshot/given.ts';
import type { PodGroup } from '../domain/snapshot/pod-group.ts';
import type { Cluster } from '../domain/snapshot/snapshot.ts';
import { counted } from '../domain/text/counted.ts';

/** A pod VM starts in seconds and a new node in minutes; a pod that waits longer is stuck. */
const PATIENCE_MINUTES = 15;

/** A sandboxed pod starts in time. */
export const sandboxedPodStarts = defineRule({
  id: 'sandboxed-pod-starts',
  title: 'Sandboxed pods start',
  severity: 'medium',
  rationale:
    'A pod whose node lacks the handler hangs in ContainerCreating. A pod whose class selects no node stays Pending. Their events hide the reason.',
  remediation: 'Describe a waiting pod. Its events show whether a node, the handler, or the image is missing.',
  references: [
    'https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/',
    'https://learn.microsoft.com/azure/aks/use-pod-sandboxing',
  ],
  requires: ['workloads', 'runtimeClasses'],
  evaluate: (evidence) => judgeSandboxed(evidence, (one) => judge(evidence, one)),
});

function judge(
  { cluster, runtimeClasses, observedAt }: SandboxEvidence & { readonly cluster: Cluster },
  { subject, groups, uncertain }: SandboxedWorkload,
): Judgement {
  const all = [...groups, ...uncertain.map(({ group }) => group)];
  const stuck = all.filter((group) => waitedMinutes(group, observedAt) > PATIENCE_MINUTES);
  if (stuck.length === 0) return { verdict: 'pass', subject, ...passOf(all) };
  const waiting = total(stuck, (group) => group.waiting);
  const since = stuck.map(({ oldestWaitingSince = '' }) => oldestWaitingSince).toSorted()[0] ?? '';
  const examples = markedNames(stuck, 'waiting');
  const reason = stuck.map(({ waitingReason }) => waitingReason).find((one) => one !== undefined);
  const selector = missingSelector(subject, stuck, runtimeClasses);
  const message = [
    `${counted(waiting, 'sandboxed pod')} ${waiting === 1 ? 'waits' : 'wait'} to start, the oldest since ${since}${forExample(examples)}${reason === undefined ? '' : `: ${reason}`}.`,
    ...(selector === undefined ? [] : [selector]),
  ].join(' ');
  const objects = ['pods', objectName(examples[0] ?? '')];
  const commands = kubectlCommands(cluster, { verb: 'describe', namespace: subject.namespace, objects });
  const facts = { waiting, waitingSince: since, examples, ...given({ reason }) };
  return { verdict: 'fail', subject, message, facts, commands };
}

function passOf(groups: readonly PodGroup[]) {
  const gated = total(groups, (group) => group.gated ?? 0);
  const facts = { waiting: total(groups, ({ waiting }) => waiting) };
  if (gated === 0) return { facts };
  return { message: `A scheduling gate holds back ${counted(gated, 'pod')}, so the wait is intended.`, facts: { ...facts, gated } };
}

function waitedMinutes({ waiting, oldestWaitingSince }: PodGroup, now: string): number {
  if (waiting === 0 || oldestWaitingSince === undefined) return 0;
  return Math.floor((Date.parse(now) - Date.parse(oldestWaitingSince)) / 60_000);
}
