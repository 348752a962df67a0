import { looksLikeKata } from '../domain/isolation/kata-evidence.ts';
import { acceptedHandlers, handlerKind } from '../domain/policy/handlers.ts';
import type { Remedy } from '../domain/rule/command.ts';
import { objectName } from '../domain/rule/command-words.ts';
import { kubectlCommands } from '../domain/rule/commands.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import { forExample, workloadsOf } from '../domain/rule/workload-groups.ts';
import type { Observation } from '../domain/snapshot/observation.ts';
import type { PodGroup } from '../domain/snapshot/pod-group.ts';
import type { Cluster, RuntimeClass } from '../domain/snapshot/snapshot.ts';
import { counted } from '../domain/text/counted.ts';

/** A class that implies Kata, by its name, its handler or the policy, resolves to a Kata handler; `katacli` is runc. */
export const runtimeClassHandler = defineRule({
  id: 'runtime-class-handler',
  title: 'RuntimeClasses that imply a sandbox resolve to a Kata handler',
  severity: 'critical',
  rationale: 'A class that is named like a sandbox but resolves to an ordinary runtime suggests isolation that does not exist.',
  remediation: 'Move the workloads that name the class to a Kata class, then delete it. A handler cannot be changed.',
  references: ['https://kubernetes.io/docs/concepts/containers/runtime-class/', 'https://learn.microsoft.com/azure/aks/use-pod-sandboxing'],
  requires: ['runtimeClasses'],
  consults: ['workloads'],
  evaluate({ cluster, runtimeClasses, workloads, policy }) {
    const accepted = acceptedHandlers(policy);
    return runtimeClasses
      .filter(
        ({ name, handler }) => looksLikeKata(name) || looksLikeKata(handler) || accepted.includes(handler) || isAccepted(handler, accepted),
      )
      .map((one) => judge(cluster, one, accepted, workloads));
  },
});

function isAccepted(handler: string, accepted: readonly string[]): boolean {
  return handlerKind(handler, accepted) === 'accepted';
}

function judge(
  cluster: Cluster,
  { name, handler }: RuntimeClass,
  accepted: readonly string[],
  workloads: Observation<readonly PodGroup[]>,
): Judgement {
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
        message: `${resolves}, which starts a VM. AKS does not support it and the policy does not accept it, so workloads that must be sandboxed may not use it.`,
      };
    case 'unknown':
      return {
        verdict: 'unknown',
        subject,
        facts,
        message: `${resolves}. It is unknown whether this handler starts a pod VM. If it does, add it to acceptedHandlers in the policy.`,
      };
    case 'ordinary': {
      const message = `${resolves}, which does not start a pod VM.`;
      return { verdict: 'fail', subject, message, facts, ...takeAway(cluster, name, workloads) };
    }
  }
}

/** A class that pods may name must not be deleted, because none of them could be created again. */
function takeAway(cluster: Cluster, name: string, workloads: Observation<readonly PodGroup[]>): Remedy {
  if (workloads.state === 'unavailable' || workloads.coverage.kind !== 'full') {
    return { remediation: 'It is unknown whether pods name the class. Move those that do to a Kata class, then delete it.' };
  }
  const users = workloadsOf(workloads.value.filter(({ runtimeClassName }) => runtimeClassName === name));
  if (users.length > 0) {
    return {
      remediation: `First move ${counted(users.length, 'workload')} to a Kata class${forExample(users.slice(0, 3).map(({ subject }) => `${subject.namespace}/${subject.ownerName}`))}. Then delete this class: a handler cannot be changed.`,
    };
  }
  const commands = kubectlCommands(cluster, { verb: 'delete', objects: ['runtimeclasses.node.k8s.io', objectName(name)] });
  return { remediation: 'No pod names the class, so delete it. A handler cannot be changed.', commands };
}
