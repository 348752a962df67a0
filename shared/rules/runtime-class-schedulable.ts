import { AKS_KATA_CLASSES } from '../domain/isolation/aks-classes.ts';
import { activePods, isKataPool, isStopped, listsHandler } from '../domain/isolation/kata-evidence.ts';
import { type Closed, repellingTaints, taintText, toleratedByName, whyClosed } from '../domain/isolation/node-ability.ts';
import { acceptedHandlers, isSandboxHandler } from '../domain/policy/handlers.ts';
import { selects } from '../domain/policy/scope.ts';
import type { Remedy } from '../domain/rule/command.ts';
import { objectName } from '../domain/rule/command-words.ts';
import { kubectlCommands } from '../domain/rule/commands.ts';
import { describeNode, uncordon } from '../domain/rule/node-commands.ts';
import { defineRule, type Judgement } from '../domain/rule/rule.ts';
import { given } from '../domain/snapshot/given.ts';
import type { Observation } from '../domain/snapshot/observation.ts';
import { observedValue } from '../domain/snapshot/observation.ts';
import type { PodGroup } from '../domain/snapshot/pod-group.ts';
import type { Cluster, ClusterSettings, KubernetesNode, NodePool, RuntimeClass } from '../domain/snapshot/snapshot.ts';
import { counted } from '../domain/text/counted.ts';

/** A Kata class finds a node. */
export const runtimeClassSchedulable = defineRule({
  id: 'runtime-class-schedulable',
  title: 'Kata RuntimeClasses select a node that has their handler and takes pods',
  severity: 'medium',
  rationale: 'A class whose selector matches no suitable node keeps its pods Pending forever, with an event that never names the class.',
  remediation: 'Let a node that has the handler take pods, or correct the selector if the class is your own.',
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
  const said = closed.length > 0 ? judgeClosed(one, closed, looked) : judgeMissing(one, selected, nodes, looked);
  return { ...said, subject, facts: { ...facts, ...said.facts } };
}

/** Says that a selector leads to nodes without the handler too; `undefined` where it does not. */
function astray(handler: string, selected: readonly KubernetesNode[]): string | undefined {
  const without = selected.filter((node) => listsHandler(node, handler) === false).length;
  if (without === 0) return undefined;
  return `Of the ${counted(selected.length, 'node')} that it leads to, ${without} ${without === 1 ? 'does' : 'do'} not list the handler ${handler}: pods that are sent there do not start.`;
}

type Closure = { readonly node: KubernetesNode; readonly why: Closed | undefined };

/** Nodes are there, and none takes pods: which is no fault of the class, and not fixed by editing it. */
function judgeClosed({ name, handler }: RuntimeClass, closed: readonly Closure[], looked: Looked): Judgement {
  const subject = { kind: 'runtime-class', name } as const;
  const count = (wanted: Closed) => closed.filter(({ why }) => why === wanted).length;
  const counts = (['not ready', 'cordoned', 'tainted'] as const).filter((why) => count(why) > 0).map((why) => `${count(why)} ${why}`);
  const taints = [...new Set(closed.filter(({ why }) => why === 'tainted').flatMap(({ node }) => repellingTaints(node).map(taintText)))];
  const facts = { closed: counts, ...(taints.length === 0 ? {} : { taints }) };
  const why = `${counts.join(', ')}${taints.length === 0 ? '' : ` (${taints.join(', ')})`}`;
  const message = `No node takes pods of the class: of the ${closed.length} with the handler ${handler}, ${why}.`;
  if (isGrown(looked)) {
    return { verdict: 'not-applicable', subject, message: `${message} Node auto provisioning makes a node when a pod needs one.`, facts };
  }
  const isTaintedOnly = closed.every((one) => one.why === 'tainted');
  if (isTaintedOnly && !isUsed(name, looked)) {
    const pods =
      'The class gives no toleration: only pods that bring their own can start, and no living pod of the class is there to tell.';
    return { verdict: 'unknown', subject, message: `${message} ${pods}`, facts };
  }
  return { verdict: 'fail', subject, message, facts, ...openNode(looked.cluster, closed) };
}

function openNode(cluster: Cluster, closed: readonly Closure[]): Remedy {
  const first = (wanted: Closed) => closed.find(({ why }) => why === wanted)?.node.name;
  const [cordoned, down] = [first('cordoned'), first('not ready')];
  if (cordoned !== undefined) return uncordon(cluster, cordoned);
  if (down !== undefined) return describeNode(cluster, down);
  return { remediation: 'Give the pods of the class, or the class itself, a toleration of the taint; or take the taint off a node.' };
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
    return { verdict: 'not-applicable', subject, message: 'AKS installs this class; no living pod names it, and no node is for it.' };
  }
  const selector = Object.entries(nodeSelector).map(([key, value]) => `${key}=${value}`);
  const elsewhere = nodes.filter((node) => listsHandler(node, handler) === true).length;
  const isMarked = selector.length > 0 && selected.length > 0;
  if (elsewhere === 0 && !isMarked) return judgeNoNode(name, handler, looked);
  if (selected.some((node) => listsHandler(node, handler) === undefined)) {
    const message = `The nodes that its selector ${selector.join(', ')} matches do not list handlers, or contradict themselves.`;
    return { verdict: 'unknown', subject, message };
  }
  const where = selector.length === 0 ? 'Without a selector every node is meant' : `Its selector is ${selector.join(', ')}`;
  const others = elsewhere === 0 ? '' : `; ${elsewhere} other ${elsewhere === 1 ? 'node lists' : 'nodes list'} it`;
  const message = `${where}, and none of the ${selected.length} nodes that match lists the handler ${handler}${others}.`;
  const note = { remediation: 'Have the workloads name a class whose nodes are there; AKS keeps this class as it is.' };
  const commands = kubectlCommands(looked.cluster, { verb: 'describe', objects: ['runtimeclasses.node.k8s.io', objectName(name)] });
  return { verdict: 'fail', subject, message, ...(isAks ? note : { commands }) };
}

/** No node lists the handler: a pool at zero nodes, or one that is not there yet, is no fault of the class. */
function judgeNoNode(name: string, handler: string, looked: Looked): Judgement {
  const subject = { kind: 'runtime-class', name } as const;
  const none = `No node lists the handler ${handler} now`;
  if (!isUsed(name, looked)) return { verdict: 'not-applicable', subject, message: `${none}, and no living pod names the class.` };
  if (isGrown(looked))
    return { verdict: 'not-applicable', subject, message: `${none}; node auto provisioning makes one when a pod needs it.` };
  const { nodePools } = looked;
  if (nodePools.state === 'observed') {
    const pools = nodePools.value.filter((pool) => isKataPool(pool) && !isStopped(pool));
    const empty = pools.find(({ count }) => count === 0);
    if (empty !== undefined) return { verdict: 'not-applicable', subject, message: `${none}; the pool ${empty.name} is scaled to none.` };
    const [pool] = pools;
    const why =
      pool === undefined ? 'no running node pool of the cluster is for Kata' : `the nodes of the pool ${pool.name} are not among them`;
    return { verdict: 'fail', subject, message: `${none}, and ${why}.` };
  }
  return {
    verdict: 'unknown',
    subject,
    message: `${none}: its pool may be at zero nodes, or there is none. Pods that wait too long are told of by themselves.`,
  };
}

/** Taints that pools have by intention, and those that living pods of the class tolerate by themselves. */
function toleratedTaints(name: string, { workloads, nodePools }: Looked): ReadonlySet<string> {
  const pools = (observedValue(nodePools) ?? []).filter(isKataPool).flatMap(({ nodeTaints = [] }) => nodeTaints);
  return new Set([...pools, ...toleratedByName(usersOf(name, workloads))]);
}

function usersOf(name: string, workloads: Observation<readonly PodGroup[]>): readonly PodGroup[] {
  if (workloads.state === 'unavailable') return [];
  return workloads.value.filter((group) => group.runtimeClassName === name && activePods(group) > 0);
}

/** Where the pods could not be seen, a class counts as used: silence is not proof. */
function isUsed(name: string, { workloads }: Looked): boolean {
  return workloads.state === 'unavailable' || usersOf(name, workloads).length > 0;
}

function isGrown({ settings }: Looked): boolean {
  return settings.state === 'observed' && /^auto$/i.test(settings.value.nodeProvisioning ?? '');
}
