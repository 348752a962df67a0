import { standsForWorkload } from '../domain/isolation/kata-evidence.ts';
import { podClassOf } from '../domain/isolation/pod-class.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import { forExample, total, workloadsOf } from '../domain/rule/workload-groups.ts';
import type { PodGroup } from '../domain/snapshot/pod-group.ts';
import { counted } from '../domain/text/counted.ts';

/** At most this many workloads are named. */
const MAX_NAMED = 5;

/** The class that pods name is there, so that their handler is known and they can be made again. */
export const runtimeClassExists = defineRule({
  id: 'runtime-class-exists',
  title: 'RuntimeClasses that pods name exist',
  severity: 'high',
  rationale:
    'Pods outlive their RuntimeClass, but the handler that started them is no longer known, and replacement pods cannot be created.',
  remediation: 'Create the RuntimeClass again with the handler that it had, then restart the workloads; or have them name another one.',
  references: ['https://kubernetes.io/docs/concepts/containers/runtime-class/', 'https://github.com/kubernetes/enhancements/issues/585'],
  requires: ['workloads', 'runtimeClasses'],
  evaluate({ workloads, runtimeClasses, observedAt }) {
    const named = workloads.filter((group) => group.runtimeClassName !== undefined && standsForWorkload(group, observedAt));
    return [...Map.groupBy(named, ({ runtimeClassName = '' }) => runtimeClassName)].map(([name, groups]): Judgement => {
      const subject = { kind: 'runtime-class', name } as const;
      const states = groups.map((group) => ({ group, state: podClassOf(group, runtimeClasses, observedAt).state }));
      const orphans = states.filter(({ state }) => state === 'gone').map(({ group }) => group);
      if (orphans.length > 0) return gone(name, orphans);
      if (states.some(({ state }) => state === 'unseen')) {
        return { verdict: 'unknown', subject, message: `The RuntimeClass ${name} was made after the classes were listed.` };
      }
      return { verdict: 'pass', subject, facts: { pods: total(groups, ({ pods }) => pods) } };
    });
  },
});

function gone(name: string, groups: readonly PodGroup[]): Judgement {
  const users = workloadsOf(groups);
  const pods = total(groups, (group) => group.pods);
  const examples = users.slice(0, MAX_NAMED).map(({ subject }) => `${subject.namespace}/${subject.ownerName}`);
  const message = `${counted(pods, 'pod')} of ${counted(users.length, 'workload')} ${pods === 1 ? 'names' : 'name'} the RuntimeClass ${name}, which was deleted: what started them is not known any more${forExample(examples)}.`;
  return { verdict: 'fail', subject: { kind: 'runtime-class', name }, message, facts: { pods, workloads: users.length, examples } };
}
