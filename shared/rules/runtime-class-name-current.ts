import { isKataHandler } from '../domain/isolation/kata-evidence.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import { patchTemplate } from '../domain/rule/workload-commands.ts';
import { forExample, plural, workloadsOf } from '../domain/rule/workload-groups.ts';

/** The name of the preview, and the one that lasts. */
const LEGACY = 'kata-mshv-vm-isolation';
const CURRENT = 'kata-vm-isolation';
/** At most this many workloads are named. */
const MAX_NAMED = 5;

/** Workloads name the class that lasts. */
export const runtimeClassNameCurrent = defineRule({
  id: 'runtime-class-name-current',
  title: `No workload names the RuntimeClass ${LEGACY}`,
  severity: 'low',
  rationale: 'Pods that name the class of the preview can no longer be created once AKS removes it.',
  remediation: `Set runtimeClassName: ${CURRENT} in the pod templates.`,
  references: [
    'https://learn.microsoft.com/azure/aks/use-pod-sandboxing',
    'https://github.com/kata-containers/kata-containers/issues/12207',
  ],
  requires: ['runtimeClasses'],
  consults: ['workloads'],
  evaluate({ cluster, runtimeClasses, workloads }): readonly Judgement[] {
    const isThere = runtimeClasses.some(({ name, handler }) => name === CURRENT && isKataHandler(handler));
    return runtimeClasses
      .filter(({ name, handler }) => name === LEGACY && isKataHandler(handler))
      .map(({ name }): Judgement => {
        const subject = { kind: 'runtime-class', name } as const;
        if (workloads.state === 'unavailable') {
          return { verdict: 'unknown', subject, message: `Who names it could not be seen: ${workloads.reason.message}` };
        }
        const users = workloadsOf(workloads.value.filter(({ runtimeClassName }) => runtimeClassName === name));
        if (users.length > 0) {
          const names = users.slice(0, MAX_NAMED).map((user) => `${user.subject.namespace}/${user.subject.ownerName}`);
          const message = `${plural(users.length, 'workload')} still ${users.length === 1 ? 'names' : 'name'} it${forExample(names)}.`;
          const facts = { workloads: users.length, examples: names };
          if (!isThere) {
            const remediation = `The RuntimeClass ${CURRENT} is not there: AKS installs it where a Kata pool is added or updated. Then name it in the pod templates.`;
            return { verdict: 'fail', subject, message, facts, remediation };
          }
          const patches = users.map((user) => patchTemplate(cluster, user.subject, { runtimeClassName: CURRENT }));
          const commands = patches.find((one) => one.length > 0) ?? [];
          const others = users.length === 1 || commands.length === 0 ? '' : ' The command does it for one of them.';
          const remediation = `Set runtimeClassName: ${CURRENT} in the pod templates.${others}`;
          return { verdict: 'fail', subject, message, facts, remediation, commands };
        }
        if (workloads.coverage.kind === 'full') return { verdict: 'pass', subject };
        return { verdict: 'unknown', subject, message: 'No workload was seen to name it, but not every pod was looked at.' };
      });
  },
});
