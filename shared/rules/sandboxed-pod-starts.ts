import { objectName } from '../domain/rule/command-words.ts';
import { kubectlCommands } from '../domain/rule/commands.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import { judgeSandboxed } from '../domain/rule/sandboxed-workload.ts';
import { exampleNames, forExample, plural, total, type Workload } from '../domain/rule/workload-groups.ts';
import type { Cluster, PodGroup } from '../domain/snapshot/snapshot.ts';

/** A pod VM takes seconds and a new node minutes; what waits longer is stuck. */
const PATIENCE_MINUTES = 15;

/** A sandboxed pod gets to run. */
export const sandboxedPodStarts = defineRule({
  id: 'sandboxed-pod-starts',
  title: 'Sandboxed pods start',
  severity: 'medium',
  rationale:
    'A pod whose node lacks the handler hangs in ContainerCreating, and one whose class selects no node in Pending, with events that hide the reason.',
  remediation: 'Describe a waiting pod: its events say whether a node, the handler, or the image is missing.',
  references: [
    'https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/',
    'https://learn.microsoft.com/azure/aks/use-pod-sandboxing',
  ],
  requires: ['workloads', 'runtimeClasses'],
  evaluate: ({ cluster, workloads, runtimeClasses, observedAt }) =>
    judgeSandboxed(workloads, runtimeClasses, (one) => judge(cluster, one, observedAt)),
});

function judge(cluster: Cluster, { subject, groups }: Workload, now: string): Judgement {
  const stuck = groups.filter((group) => waitedMinutes(group, now) > PATIENCE_MINUTES);
  if (stuck.length === 0) return { verdict: 'pass', subject, facts: { waiting: total(groups, ({ waiting }) => waiting) } };
  const waiting = total(stuck, (group) => group.waiting);
  const since = stuck.map(({ oldestWaitingSince = '' }) => oldestWaitingSince).toSorted()[0] ?? '';
  const examples = exampleNames(stuck);
  const message = `${plural(waiting, 'sandboxed pod')} ${waiting === 1 ? 'waits' : 'wait'} to start, the oldest since ${since}${forExample(examples)}.`;
  const objects = ['pods', objectName(examples[0] ?? '')];
  const commands = kubectlCommands(cluster, { verb: 'describe', namespace: subject.namespace, objects });
  return { verdict: 'fail', subject, message, facts: { waiting, waitingSince: since, examples }, commands };
}

function waitedMinutes({ waiting, oldestWaitingSince }: PodGroup, now: string): number {
  if (waiting === 0 || oldestWaitingSince === undefined) return 0;
  return Math.floor((Date.parse(now) - Date.parse(oldestWaitingSince)) / 60_000);
}
