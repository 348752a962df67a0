import { isKataHandler, looksLikeKata } from '../domain/isolation/kata-evidence.ts';
import { objectName } from '../domain/rule/command-words.ts';
import { kubectlCommands } from '../domain/rule/commands.ts';
import { defineRule } from '../domain/rule/rule.ts';

/** A class that promises Kata by its name, its handler, or the policy delivers it; `katacli` is runc. */
export const runtimeClassHandler = defineRule({
  id: 'runtime-class-handler',
  title: 'RuntimeClasses that stand for a sandbox resolve to a Kata handler',
  severity: 'critical',
  rationale: 'A class that sounds like a sandbox and resolves to an ordinary runtime gives people a wall that is not there.',
  remediation: 'Move the workloads that name the class to a Kata class, and then delete it: a handler cannot be changed.',
  references: ['https://kubernetes.io/docs/concepts/containers/runtime-class/', 'https://learn.microsoft.com/azure/aks/use-pod-sandboxing'],
  requires: ['runtimeClasses'],
  evaluate({ cluster, runtimeClasses, policy }) {
    const accepted = policy.workloads.flatMap(({ acceptedHandlers = [] }) => acceptedHandlers);
    return runtimeClasses
      .filter(({ name, handler }) => looksLikeKata(name) || looksLikeKata(handler) || (accepted.includes(handler) && isOrdinary(handler)))
      .map(({ name, handler }) => {
        const subject = { kind: 'runtime-class', name } as const;
        if (isKataHandler(handler)) return { verdict: 'pass', subject, facts: { handler } };
        const message = `The RuntimeClass ${name} resolves to the handler ${handler}, which starts no pod VM.`;
        const commands = kubectlCommands(cluster, { verb: 'delete', objects: ['runtimeclasses.node.k8s.io', objectName(name)] });
        return { verdict: 'fail', subject, message, facts: { handler }, commands };
      });
  },
});

/** Handlers of AKS node images that start ordinary containers. Source: Azure/AgentBaker aks-node-controller/parser/templates. */
function isOrdinary(handler: string): boolean {
  return ['runc', 'untrusted', 'katacli'].includes(handler);
}
