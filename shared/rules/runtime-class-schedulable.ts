import { AKS_KATA_CLASSES } from '../domain/isolation/aks-classes.ts';
import { activePods, isKataPool, isStopped, listsHandler } from '../domain/isolation/kata-evidence.ts';
import { type Closed, repellingTaints, taintText, toleratedByName, whyClosed } from '../domain/isolation/node-ability.ts';
import { acceptedHandlers, isSandboxHandler } from '../domain/policy/handlers.ts';
import { selects } from '../domain/policy/scope.ts';
import type { Remedy } from '../domain/rule/command.ts';
import { objectName } from '../domain/rule/command-words.ts';
import { kubectlCommands } from '../domain/rule/commands.ts';
import { describeNode, uncordon } from '../domain/rule/node-commands.ts';
import { undecided } from '../domain/rule/partly-read.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import { given } from '../domain/snapshot/given.ts';
import type { Observation } from '../domain/snapshot/observation.ts';
import { observedValue } from '../domain/snapshot/observation.ts';
import type { PodGroup } from '../domain/snapshot/pod-group.ts';
import type { Cluster, ClusterSettings, KubernetesNode, NodePool, RuntimeClass } from '../domain/snapshot/snapshot.ts';
import { counted } from '../domain/text/counted.ts';

/** A Kata class selects at least one suitable node. */
export const runtimeClassSchedulable = defineRule({
  id: 'runtime-class-schedulable',
  title: 'Kata RuntimeClasses select a node that has their handler and takes pods',
  severity: 'medium',
  rationale: 'If the selector matches no suitable node, pods of the class stay Pending forever, and their events never name the class.',
  remediation: 'Let a node with the handler take pods, or correct the selector if the class is your own.',
  references: [
    'https://kubernetes.io/docs/concepts/containers/runtime-class/#scheduling',
    'https://learn.microsoft.com/azure/aks/considerations-pod-sandboxing',
    'https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/',
  ],
  requires: ['runtimeClasses', 'nodes'],
  consults: ['workloads', 'nodePools', 'settings'],
  evaluate({ runtimeClasses, nodes, policy, ...looked }) {
    const accepted = acceptedHandlers(policy);
    return runtimeClasses.filter(({ handler }) => isSandboxHandler(handler, accepted)).map((one) => judge(one, nodes, looked));
  },
});

interface Looked {
  readonly cluster: Cluster;
  readonly workloads: Observation<readonly PodGroup[]>;
  readonly nodePools: Observation<readonly NodePool[]>;
  readonly settings: Observation<ClusterSettings>;
}

function judge(one: RuntimeClass, nodes: readonly KubernetesNode[], looked: Looked): Judgement {
  const { name, handler, nodeSelector } = one;
  const subject = { kind: 'runtime-class', name } as const;
  const selected = nodes.filter(({ labels }) => selects(nodeSelector, labels));
  const listing = selected.filter((node) => listsHandler(node, handler) === true);
  const tolerated = toleratedTaints(name, looked);
  const closed = listing.map((node) => ({ node, why: whyClosed(node, one.tolerations ?? [], tolerated) }));
  const ableNodes = closed.filter(({ why }) => why === undefined).length;
  const selector = Object.entries(nodeSelector).map(([key, value]) => `${key}=${value}`);
  const facts = { handler, selector, selectedNodes: selected.length, ableNodes };
  if (ableNodes > 0) return { verdict: 'pass', subject, ...given({ message: astray(handler, selected) }), facts };
  const { workloads } = looked;
  const mayDiffer = !isUsed(name, looked) || closed.some(({ why }) => why === 'tainted');
  if (workloads.state === 'observed' && workloads.coverage.kind !== 'full' && mayDiffer) {
    const message =
      'No node that it selects takes the pods that were seen. Not every pod was read, and others may name the class or tolerate a taint.';
    return { ...undecided(subject, message, workloads.coverage), facts };
  }
  const said = closed.length > 0 ? judgeClosed(one, closed, looked) : judgeMissing(one, selected, nodes, looked);
  return { ...said, subject, facts: { ...facts, ...said.facts } };
}

/** A note that the selector also matches nodes without the handler; `undefined` if it does not. */
function astray(handler: string, selected: readonly KubernetesNode[]): string | undefined {
  const without = selected.filter((node) => listsHandler(node, handler) === false).length;
  if (without === 0) return undefined;
  return `Of the ${counted(selected.length, 'node')} that it selects, ${without} ${without === 1 ? 'does' : 'do'} not list the handler ${handler}: pods scheduled there do not start.`;
}

type Closure = { readonly node: KubernetesNode; readonly why: Closed | undefined };

/** Nodes exist, but none takes pods. The class is not at fault, and editing it does not help. */
function judgeClosed({ name, handler }: RuntimeClass, closed: readonly Closure[], looked: Looked): Judgement {
  const subject = { kind: 'runtime-class', name } as const;
  const count = (wanted: Closed) => closed.filter(({ why }) => why === wanted).length;
  const counts = (['not ready', 'cordoned', 'tainted'] as const).filter((why) => count(why) > 0).map((why) => `${count(why)} ${why}`);
  const taints = [...new Set(closed.filter(({ why }) => why === 'tainted').flatMap(({ node }) => repellingTaints(node).map(taintText)))];
  const facts = { closed: counts, ...(taints.length === 0 ? {} : { taints }) };
  const why = `${counts.join(', ')}${taints.length === 0 ? '' : ` (${taints.join(', ')})`}`;
  const message = `No node accepts pods of the class: of the ${closed.length} with the handler ${handler}, ${why}.`;
  if (isGrown(looked)) {
    return { verdict: 'not-applicable', subject, message: `${message} Node auto provisioning creates a node when a pod needs one.`, facts };
  }
  const isTaintedOnly = closed.every((one) => one.why === 'tainted');
  if (isTaintedOnly && !isUsed(name, looked)) {
    const pods =
      'The class has no toleration, so only pods with their own can start. No running pod of the class shows whether they have one.';
    return { verdict: 'unknown', subject, message: `${message} ${pods}`, facts };
  }
  return { verdict: 'fail', subject, message, facts, ...openNode(looked.cluster, closed) };
}

function openNode(cluster: Cluster, closed: readonly Closure[]): Remedy {
  const first = (wanted: Closed) => closed.find(({ why }) => why === wanted)?.node.name;
  const [cordoned, down] = [first('cordoned'), first('not ready')];
  if (cordoned !== undefined) return uncordon(cluster, cordoned);
  if (down !== undefined) return describeNode(cluster, down);
  return { remediation: 'Add a toleration for the taint to the pods or to the class, or remove the taint from a node.' };
}

/** No node that the class selects lists its handler. */
function judgeMissing(
  { name, handler, nodeSelector }: RuntimeClass,
  selected: readonly KubernetesNode[],
  nodes: readonly KubernetesNode[],
  looked: Looked,
): Judgement {
  const subject = { kind: 'runtime-class', name } as const;
  const isAks = AKS_KATA_CLASSES.includes(name);
  if (isAks && !isUsed(name, looked)) {
    return { verdict: 'not-applicable', subject, message: 'AKS installs this class. No running pod names it, and no node supports it.' };
  }
  const selector = Object.entries(nodeSelector).map(([key, value]) => `${key}=${value}`);
  const elsewhere = nodes.filter((node) => listsHandler(node, handler) === true).length;
  const isMarked = selector.length > 0 && selected.length > 0;
  if (elsewhere === 0 && !isMarked) return judgeNoNode(name, handler, looked);
  if (selected.some((node) => listsHandler(node, handler) === undefined)) {
    const message = `The nodes that match its selector ${selector.join(', ')} do not list handlers, or their properties contradict each other.`;
    return { verdict: 'unknown', subject, message };
  }
  const others = elsewhere === 0 ? '' : `; ${elsewhere} other ${elsewhere === 1 ? 'node lists' : 'nodes list'} it`;
  const message = `Its selector is ${selector.join(', ')}, and none of the ${selected.length} matching nodes lists the handler ${handler}${others}.`;
  const note = { remediation: 'Use a class whose nodes exist in the workloads. AKS restores this class if it is changed.' };
  const commands = kubectlCommands(looked.cluster, { verb: 'describe', objects: ['runtimeclasses.node.k8s.io', objectName(name)] });
  return { verdict: 'fail', subject, message, ...(isAks ? note : { commands }) };
}

/** No node lists the handler. If the pool is at zero nodes or does not exist yet, the class is not at fault. */
function judgeNoNode(name: string, handler: string, looked: Looked): Judgement {
  const subject = { kind: 'runtime-class', name } as const;
  const none = `No node lists the handler ${handler} now`;
  if (!isUsed(name, looked)) return { verdict: 'not-applicable', subject, message: `${none}, and no running pod names the class.` };
  if (isGrown(looked))
    return { verdict: 'not-applicable', subject, message: `${none}; node auto provisioning creates one when a pod needs it.` };
  const { nodePools } = looked;
  if (nodePools.state === 'observed') {
    const pools = nodePools.value.filter((pool) => isKataPool(pool) && !isStopped(pool));
    const empty = pools.find(({ count }) => count === 0);
    if (empty !== undefined)
      return { verdict: 'not-applicable', subject, message: `${none}; the pool ${empty.name} is scaled to zero nodes.` };
    const [pool] = pools;
    const why = pool === undefined ? 'the cluster has no running Kata node pool' : `the nodes of the pool ${pool.name} do not list it`;
    return { verdict: 'fail', subject, message: `${none}, and ${why}.` };
  }
  return {
    verdict: 'unknown',
    subject,
    message: `${none}. Its pool may be at zero nodes, or there is none. Another rule reports pods that wait too long.`,
  };
}

/** Taints that pools have on purpose, and taints that running pods of the class tolerate. */
function toleratedTaints(name: string, { workloads, nodePools }: Looked): ReadonlySet<string> {
  const pools = (observedValue(nodePools) ?? []).filter(isKataPool).flatMap(({ nodeTaints = [] }) => nodeTaints);
  return new Set([...pools, ...toleratedByName(usersOf(name, workloads))]);
}

function usersOf(name: string, workloads: Observation<readonly PodGroup[]>): readonly PodGroup[] {
  if (workloads.state === 'unavailable') return [];
  return workloads.value.filter((group) => group.runtimeClassName === name && activePods(group) > 0);
}

/** A class counts as used if the pods could not be read. */
function isUsed(name: string, { workloads }: Looked): boolean {
  return workloads.state === 'unavailable' || usersOf(name, workloads).length > 0;
}

function isGrown({ settings }: Looked): boolean {
  return settings.state === 'observed' && settings.value.nodeProvisioning?.toLowerCase() === 'auto';
}
