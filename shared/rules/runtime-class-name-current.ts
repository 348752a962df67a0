import { KATA_CLASS, LEGACY_KATA_CLASS } from '../domain/isolation/aks-classes.ts';
import { standsForWorkload } from '../domain/isolation/kata-evidence.ts';
import { acceptedHandlers, isSandboxHandler } from '../domain/policy/handlers.ts';
import type { Remedy } from '../domain/rule/command.ts';
import { undecided } from '../domain/rule/partly-read.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import { patchTemplate } from '../domain/rule/workload-commands.ts';
import { forExample, type Workload, workloadsOf } from '../domain/rule/workload-groups.ts';
import { observedValue } from '../domain/snapshot/observation.ts';
import type { Cluster } from '../domain/snapshot/snapshot.ts';
import { counted } from '../domain/text/counted.ts';

/** The most workloads that a message names. */
const MAX_NAMED = 5;

/** Workloads use the class name that AKS keeps. */
export const runtimeClassNameCurrent = defineRule({
  id: 'runtime-class-name-current',
  title: `No workload names the RuntimeClass ${LEGACY_KATA_CLASS}`,
  severity: 'low',
  rationale: "Pods that name the preview's class can no longer be created once AKS removes it.",
  remediation: `Set runtimeClassName: ${KATA_CLASS} in the pod templates.`,
  references: [
    'https://learn.microsoft.com/azure/aks/use-pod-sandboxing',
    'https://github.com/kata-containers/kata-containers/issues/12207',
  ],
  requires: ['runtimeClasses'],
  consults: ['workloads'],
  evaluate({ cluster, runtimeClasses, workloads, policy, observedAt }): readonly Judgement[] {
    const accepted = acceptedHandlers(policy);
    const isThere = runtimeClasses.some(({ name, handler }) => name === KATA_CLASS && isSandboxHandler(handler, accepted));
    const held = runtimeClasses.find(({ name }) => name === LEGACY_KATA_CLASS);
    const groups = observedValue(workloads) ?? [];
    const named = groups.filter((group) => group.runtimeClassName === LEGACY_KATA_CLASS && standsForWorkload(group, observedAt));
    // Where AKS has already removed the class, its pods keep running.
    const isJudged = held === undefined ? named.length > 0 : isSandboxHandler(held.handler, accepted);
    return (isJudged ? [LEGACY_KATA_CLASS] : []).map((name): Judgement => {
      const subject = { kind: 'runtime-class', name } as const;
      if (workloads.state === 'unavailable') {
        return { verdict: 'unknown', subject, message: `The pods could not be read: ${workloads.reason.message}` };
      }
      const users = workloadsOf(named);
      if (users.length > 0) {
        const names = users.slice(0, MAX_NAMED).map((user) => `${user.subject.namespace}/${user.subject.ownerName}`);
        const message = `${counted(users.length, 'workload')} still ${users.length === 1 ? 'names' : 'name'} it${forExample(names)}.`;
        const facts = { workloads: users.length, examples: names };
        return { verdict: 'fail', subject, message, facts, ...remedyFor(cluster, users, isThere) };
      }
      if (workloads.coverage.kind === 'full') return { verdict: 'pass', subject };
      return undecided(subject, 'No workload was found that names it, but not every pod was read.', workloads.coverage);
    });
  },
  // A class that is gone is judged by the pods that name it.
  unlisted: ({ workloads }) => (workloads.state === 'observed' && workloads.coverage.kind === 'full' ? [] : ['runtime-class']),
});

function remedyFor(cluster: Cluster, users: readonly Workload[], isThere: boolean): Remedy {
  if (!isThere) {
    return {
      remediation: `The RuntimeClass ${KATA_CLASS} does not exist. AKS installs it when a Kata pool is added or updated. Then set it in the pod templates.`,
    };
  }
  const patches = users.map((user) => patchTemplate(cluster, user.subject, { runtimeClassName: KATA_CLASS }));
  const commands = patches.find((one) => one.length > 0) ?? [];
  const others = users.length === 1 || commands.length === 0 ? '' : ' The command changes one of them.';
  return { remediation: `Set runtimeClassName: ${KATA_CLASS} in the pod templates.${others}`, commands };
}
