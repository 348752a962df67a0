import { kubectl, run } from '../domain/commands.ts';
import { isKataHandler, looksLikeKata } from '../domain/kata-evidence.ts';
import { defineRule } from '../domain/rule.ts';

/** A class whose name promises Kata delivers it. */
export const runtimeClassHandler = defineRule({
  id: 'runtime-class-handler',
  title: 'RuntimeClasses named after Kata resolve to a Kata handler',
  severity: 'critical',
  rationale: 'A class that sounds like a sandbox and resolves to an ordinary runtime gives people a wall that is not there.',
  remediation: 'Delete the class, or create it anew with the handler kata.',
  references: ['https://kubernetes.io/docs/concepts/containers/runtime-class/', 'https://learn.microsoft.com/azure/aks/use-pod-sandboxing'],
  requires: ['runtimeClasses'],
  evaluate({ runtimeClasses }) {
    return runtimeClasses
      .filter(({ name }) => looksLikeKata(name))
      .map(({ name, handler }) => {
        const subject = { kind: 'runtime-class', name } as const;
        if (isKataHandler(handler)) return { verdict: 'pass', subject, facts: { handler } };
        const message = `The RuntimeClass ${name} resolves to the handler ${handler}, which starts no pod VM.`;
        return { verdict: 'fail', subject, message, facts: { handler }, ...run(kubectl('delete', undefined, 'runtimeclass', name)) };
      });
  },
});
