import { looksLikeKata } from '../domain/isolation/kata-evidence.ts';
import { acceptedHandlers, handlerKind } from '../domain/policy/handlers.ts';
import { objectName } from '../domain/rule/command-words.ts';
import { kubectlCommands } from '../domain/rule/commands.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import type { Cluster, RuntimeClass } from '../domain/snapshot/snapshot.ts';

/** A class that promises Kata by its name, its handler, or the policy delivers it; `katacli` is runc. */
export const runtimeClassHandler = defineRule({
  id: 'runtime-class-handler',
  title: 'RuntimeClasses that stand for a sandbox resolve to a Kata handler',
  severity: 'critical',
  rationale: 'A class with the name of a sandbox that resolves to an ordinary runtime suggests isolation that does not exist.',
  remediation: 'Move the workloads that name the class to a Kata class, and then delete it: a handler cannot be changed.',
  references: ['https://kubernetes.io/docs/concepts/containers/runtime-class/', 'https://learn.microsoft.com/azure/aks/use-pod-sandboxing'],
  requires: ['runtimeClasses'],
  evaluate({ cluster, runtimeClasses, policy }) {
    const accepted = acceptedHandlers(policy);
    return runtimeClasses
      .filter(
        ({ name, handler }) => looksLikeKata(name) || looksLikeKata(handler) || accepted.includes(handler) || isAccepted(handler, accepted),
      )
      .map((one) => judge(cluster, one, accepted));
  },
});

function isAccepted(handler: string, accepted: readonly string[]): boolean {
  return handlerKind(handler, accepted) === 'accepted';
}

function judge(cluster: Cluster, { name, handler }: RuntimeClass, accepted: readonly string[]): Judgement {
  const subject = { kind: 'runtime-class', name } as const;
  const facts = { handler };
  const resolves = `The RuntimeClass ${name} resolves to the handler ${handler}`;
  switch (handlerKind(handler, accepted)) {
    case 'aks':
      return { verdict: 'pass', subject, facts };
    case 'accepted':
      return { verdict: 'pass', subject, facts, message: `${resolves}, which the policy accepts.` };
    case 'starts-vm':
      return {
        verdict: 'pass',
        subject,
        facts,
        message: `${resolves}, which starts a VM. AKS does not support it, and the policy does not accept it: no workload that must be sandboxed may use it.`,
      };
    case 'unknown':
      return {
        verdict: 'unknown',
        subject,
        facts,
        message: `${resolves}, of which it is not known whether it starts a pod VM. Name it under acceptedHandlers in the policy if it does.`,
      };
    case 'ordinary': {
      const message = `${resolves}, which starts no pod VM.`;
      const commands = kubectlCommands(cluster, { verb: 'delete', objects: ['runtimeclasses.node.k8s.io', objectName(name)] });
      return { verdict: 'fail', subject, message, facts, commands };
    }
  }
}
