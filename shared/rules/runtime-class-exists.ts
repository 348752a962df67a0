import { standsForWorkload } from '../domain/isolation/kata-evidence.ts';
import { podClassOf } from '../domain/isolation/pod-class.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import { forExample, total, workloadsOf } from '../domain/rule/workload-groups.ts';
import type { PodGroup } from '../domain/snapshot/pod-group.ts';
import { counted } from '../domain/text/counted.ts';

/** The most workloads that a message names. */
const MAX_NAMED = 5;

/** The class that pods name exists, so that their handler is known and replacement pods can be created. */
export const runtimeClassExists = defineRule({
  id: 'runtime-class-exists',
  title: 'RuntimeClasses that pods name exist',
  severity: 'high',
  rationale:
    'Pods keep running after their RuntimeClass is deleted, but their handler is no longer known, and replacement pods cannot be created.',
  remediation: 'Create the RuntimeClass again with its former handler and restart the workloads, or set another class in the workloads.',
  references: ['https://kubernetes.io/docs/concepts/containers/runtime-class/', 'https://github.com/kubernetes/enhancements/issues/585'],
  requires: ['workloads', 'runtimeClasses'],
  evaluate({ workloads, runtimeClasses, observedAt }) {
    const named = workloads.filter((group) => group.runtimeClassName !== undefined && standsForWorkload(group, observedAt));
    return [...Map.groupBy(named, ({ runtimeClassName = '' }) => runtimeClassName)].map(([name, groups]): Judgement => {
      const subject = { kind: 'runtime-class', name } as const;
      if (runtimeClasses.some((one) => one.name === name)) {
        return { verdict: 'pass', subject, facts: { pods: total(groups, ({ pods }) => pods) } };
      }
      const orphans = groups.filter((group) => podClassOf(group, runtimeClasses, observedAt).state === 'gone');
      if (orphans.length > 0) return gone(name, orphans);
      return { verdict: 'unknown', subject, message: `The RuntimeClass ${name} was created after the classes were listed.` };
    });
  },
});

function gone(name: string, groups: readonly PodGroup[]): Judgement {
  const users = workloadsOf(groups);
  const pods = total(groups, (group) => group.pods);
  const examples = users.slice(0, MAX_NAMED).map(({ subject }) => `${subject.namespace}/${subject.ownerName}`);
  const message = `${counted(pods, 'pod')} of ${counted(users.length, 'workload')} ${pods === 1 ? 'names' : 'name'} the RuntimeClass ${name}, which was deleted: it is no longer known which runtime started them${forExample(examples)}.`;
  return { verdict: 'fail', subject: { kind: 'runtime-class', name }, message, facts: { pods, workloads: users.length, examples } };
}
