import { KATA_CLASS } from '../domain/isolation/aks-classes.ts';
import { hasKata } from '../domain/isolation/kata-evidence.ts';
import { acceptedHandlers, isSandboxHandler } from '../domain/policy/handlers.ts';
import { kubectlCommands } from '../domain/rule/commands.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';

/** A cluster that can start pod VMs has a RuntimeClass for them. */
export const runtimeClassPresent = defineRule({
  id: 'runtime-class-present',
  title: 'Clusters with Kata have a RuntimeClass for it',
  severity: 'high',
  rationale: 'Pods request a pod VM by naming a RuntimeClass. Without one the Kata pool cannot be used.',
  remediation: 'Create the RuntimeClass kata-vm-isolation with the handler kata.',
  references: ['https://learn.microsoft.com/azure/aks/use-pod-sandboxing', 'https://kubernetes.io/docs/concepts/containers/runtime-class/'],
  requires: ['runtimeClasses'],
  consults: ['nodePools', 'nodes'],
  evaluate({ cluster, runtimeClasses, nodePools, nodes, policy }): readonly Judgement[] {
    const subject = { kind: 'runtime-class', name: KATA_CLASS } as const;
    const kata = runtimeClasses.filter(({ handler }) => isSandboxHandler(handler, acceptedHandlers(policy))).map(({ name }) => name);
    if (kata.length > 0) return [{ verdict: 'pass', subject, facts: { classes: kata } }];
    const wanted = hasKata(nodePools, nodes);
    if (wanted === undefined)
      return [{ verdict: 'unknown', subject, message: 'It could not be determined whether the cluster has Kata nodes.' }];
    if (!wanted) return [{ verdict: 'not-applicable', subject, message: 'The cluster has no Kata nodes.' }];
    const classes = runtimeClasses.map(({ name, handler }) => `${name} (${handler})`);
    const message = `The cluster has Kata nodes, but none of its ${classes.length} RuntimeClasses resolves to a Kata handler.`;
    const remediation = `AKS installs the RuntimeClass ${KATA_CLASS} when a Kata pool is added or updated. Otherwise create one with the handler of the nodes.`;
    const commands = kubectlCommands(cluster, { verb: 'get', objects: ['runtimeclasses.node.k8s.io'] });
    return [{ verdict: 'fail', subject, message, facts: { classes }, remediation, commands }];
  },
});
