import { acceptedHandlers, isSandboxHandler } from '../domain/policy/handlers.ts';
import { objectName } from '../domain/rule/command-words.ts';
import { kubectlCommands } from '../domain/rule/commands.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import { isZeroQuantity } from '../domain/text/quantity.ts';

/** A Kata class accounts for the memory of the pod VM. */
export const runtimeClassOverhead = defineRule({
  id: 'runtime-class-overhead',
  title: 'Kata RuntimeClasses declare the memory overhead of the pod VM',
  severity: 'low',
  rationale: 'Without overhead the scheduler ignores the memory of pod VMs and overcommits the node until pods are killed.',
  remediation: 'Set overhead.podFixed.memory on the class (AKS uses 600Mi), or use kata-vm-isolation.',
  references: [
    'https://learn.microsoft.com/azure/aks/considerations-pod-sandboxing',
    'https://kubernetes.io/docs/concepts/scheduling-eviction/pod-overhead/',
  ],
  requires: ['runtimeClasses'],
  evaluate({ cluster, runtimeClasses, policy }) {
    return runtimeClasses
      .filter(({ handler }) => isSandboxHandler(handler, acceptedHandlers(policy)))
      .map(({ name, overheadMemory }): Judgement => {
        const subject = { kind: 'runtime-class', name } as const;
        const facts = { overheadMemory: overheadMemory ?? '' };
        if (overheadMemory !== undefined && !isZeroQuantity(overheadMemory)) return { verdict: 'pass', subject, facts };
        const message = `The class declares ${overheadMemory === undefined ? 'no memory overhead' : `the memory overhead ${overheadMemory}`}.`;
        const options = ['--patch', 'overhead: {podFixed: {memory: 600Mi}}'];
        const objects = ['runtimeclasses.node.k8s.io', objectName(name)];
        return { verdict: 'fail', subject, message, facts, commands: kubectlCommands(cluster, { verb: 'patch', options, objects }) };
      });
  },
});
