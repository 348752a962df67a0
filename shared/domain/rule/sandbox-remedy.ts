import { KATA_CLASS } from '../isolation/aks-classes.ts';
import { isMachine, listsHandler } from '../isolation/kata-evidence.ts';
import { whyClosed } from '../isolation/node-ability.ts';
import type { WorkloadRequirement } from '../policy/policy.ts';
import { isAccepted } from '../policy/sandbox-requirement.ts';
import { selects } from '../policy/scope.ts';
import type { Observation } from '../snapshot/observation.ts';
import type { PodGroup } from '../snapshot/pod-group.ts';
import type { Cluster, KubernetesNode, RuntimeClass } from '../snapshot/snapshot.ts';
import { counted } from '../text/counted.ts';
import type { Remedy } from './command.ts';
import { uncordon } from './node-commands.ts';
import { keeperOf } from './update-strategy.ts';
import { correctTemplate, patchTemplate } from './workload-commands.ts';
import type { Workload } from './workload-groups.ts';

/** What a scan knows about a workload that must be sandboxed and about the nodes where it could run. */
export interface SandboxWish {
  readonly cluster: Cluster;
  readonly subject: Workload['subject'];
  /** Its pods that run without a sandbox. */
  readonly outside: readonly PodGroup[];
  readonly classes: readonly RuntimeClass[];
  readonly requirements: readonly WorkloadRequirement[];
  readonly nodes: Observation<readonly KubernetesNode[]>;
}

/**
 * How to move a workload into a pod VM. A command is given only if this scan shows that its pods will find a class and a node,
 * because following the advice must not break the workload. Otherwise the advice says what to do first.
 */
export function sandboxRemedy(wish: SandboxWish): Remedy {
  const { cluster, subject, outside, classes, requirements } = wish;
  const runtimeClass = acceptedClass(classes, requirements);
  if (runtimeClass === undefined) return { remediation: NO_CLASS };
  const set = `set runtimeClassName: ${runtimeClass.name} in the pod template`;
  const shared = sharedNamespaces(outside);
  if (shared.length > 0) {
    const advice = `First remove ${shared.join(', ')} from the pod template: software that needs it breaks in a pod VM, which has its own kernel. Then ${set}.`;
    return correctTemplate(cluster, subject, advice);
  }
  const obstacle = sandboxObstacle(wish, runtimeClass, set);
  if (obstacle !== undefined) return obstacle;
  if (subject.ownerKind === 'DaemonSet') return forDaemonSet(wish, runtimeClass);
  return setClass(cluster, subject, runtimeClass.name, set);
}

/**
 * Returns what must be done first if this scan shows no node that accepts the workload's pods with a class; `next` is the step after
 * that.
 */
export function sandboxObstacle(wish: SandboxWish, runtimeClass: RuntimeClass, next: string): Remedy | undefined {
  const { cluster, outside, nodes } = wish;
  if (nodes.state === 'unavailable') {
    return { remediation: `The nodes could not be read. First make sure that a node can take sandboxed pods, then ${next}.` };
  }
  const seen = nodesOf(outside, nodes.value);
  // A Linux pod can be scheduled to any node, so the workload counts as Windows only if all its nodes are.
  if (seen.length > 0 && seen.every(({ labels }) => labels['kubernetes.io/os'] === 'windows')) {
    return {
      remediation:
        'Its pods run on Windows nodes, which cannot start pod VMs. Exclude the workload from what the policy requires, or move it to Linux.',
    };
  }
  if (seen.length > 0 && !seen.some(isMachine)) {
    return {
      remediation: `Its pods run on a virtual node, which does not support RuntimeClasses. Exclude the workload from what the policy requires, or first move it to Kata nodes, then ${next}.`,
    };
  }
  const places = placesFor(runtimeClass, outside, nodes.value);
  if (places.able.length === 0) return firstANode(cluster, places, next);
  const own = ownSelector(outside);
  return places.able.some(({ labels }) => selects(own, labels)) ? undefined : otherSelector(wish, own, next);
}

const NO_CLASS =
  'The cluster has no RuntimeClass whose handler the policy accepts. Add a Kata node pool or create the class before the pod template names it.';

/** A class of this cluster that every matching entry of the policy accepts; the class of AKS is preferred. */
function acceptedClass(classes: readonly RuntimeClass[], requirements: readonly WorkloadRequirement[]): RuntimeClass | undefined {
  const accepted = classes.filter(({ handler }) => isAccepted(handler, requirements));
  return accepted.find(({ name }) => name === KATA_CLASS) ?? accepted.toSorted((a, b) => (a.name < b.name ? -1 : 1))[0];
}

function setClass(cluster: Cluster, subject: Workload['subject'], runtimeClassName: string, set: string): Remedy {
  const keeper = keeperOf(subject);
  const kept =
    keeper === undefined ? '' : ` If the template names it already, ${keeper.what} keeps the older pods: delete them one by one.`;
  const advice = `${capital(set)}. There are nodes that accept such pods, but it is unknown whether they have enough capacity and match the workload's affinity.${kept}`;
  const commands = patchTemplate(cluster, subject, { runtimeClassName });
  return commands.length > 0 ? { remediation: advice, commands } : correctTemplate(cluster, subject, `${capital(set)}.`);
}

function sharedNamespaces(groups: readonly PodGroup[]): readonly string[] {
  const has = (feature: 'hostNetwork' | 'hostPid' | 'hostIpc') => groups.some(({ features }) => features[feature] > 0);
  return [...(has('hostNetwork') ? ['hostNetwork'] : []), ...(has('hostPid') ? ['hostPID'] : []), ...(has('hostIpc') ? ['hostIPC'] : [])];
}

/** Returns the nodes of the example pods. */
function nodesOf(groups: readonly PodGroup[], nodes: readonly KubernetesNode[]): readonly KubernetesNode[] {
  const names = new Set(groups.flatMap(({ examples }) => examples.map(({ node }) => node)));
  return nodes.filter(({ name }) => names.has(name));
}

/** The nodes that a class selects and that have its handler, by whether they take pods now. */
interface Places {
  readonly able: readonly KubernetesNode[];
  readonly cordoned: readonly KubernetesNode[];
  /** All of them, whether or not they take pods. */
  readonly all: number;
}

function placesFor(
  { handler, nodeSelector, tolerations = [] }: RuntimeClass,
  groups: readonly PodGroup[],
  nodes: readonly KubernetesNode[],
): Places {
  // A taint counts as tolerated only if all pods tolerate it.
  const tolerated = new Set(groups[0]?.tolerates?.filter((taint) => groups.every(({ tolerates }) => tolerates?.includes(taint))));
  const meant = nodes.filter((node) => selects(nodeSelector, node.labels) && listsHandler(node, handler) === true);
  const why = meant.map((node) => ({ node, closed: whyClosed(node, tolerations, tolerated) }));
  return {
    able: why.flatMap(({ node, closed }) => (closed === undefined ? [node] : [])),
    cordoned: why.flatMap(({ node, closed }) => (closed === 'cordoned' ? [node] : [])),
    all: why.length,
  };
}

function firstANode(cluster: Cluster, { cordoned, all }: Places, set: string): Remedy {
  const [first] = cordoned;
  if (first !== undefined) {
    const { commands = [] } = uncordon(cluster, first.name);
    return { remediation: `Its pods would find no node, because the Kata nodes are cordoned. First uncordon one, then ${set}.`, commands };
  }
  const why =
    all === 0
      ? 'no node that its class selects starts pod VMs'
      : `${counted(all, 'node')} can start its pod VMs, but none accepts its pods now`;
  return { remediation: `Its pods would find no node: ${why}. First provide a Kata node that accepts them, then ${set}.` };
}

/** Returns the node labels that all pods of the groups require. */
function ownSelector(groups: readonly PodGroup[]): Readonly<Record<string, string>> {
  const [first, ...rest] = groups.map(({ nodeSelector = {} }) => nodeSelector);
  return Object.fromEntries(Object.entries(first ?? {}).filter(([key, value]) => rest.every((one) => one[key] === value)));
}

function otherSelector({ cluster, subject }: SandboxWish, selector: Readonly<Record<string, string>>, next: string): Remedy {
  const labels = Object.entries(selector).map(([key, value]) => `${key}: "${value}"`);
  const advice = `Its pods would find no node: its pod template selects nodes by ${labels.join(', ')}, and no schedulable Kata node has ${labels.length === 1 ? 'that label' : 'those labels'}. First change the node selector, then ${next}.`;
  return correctTemplate(cluster, subject, advice);
}

/** Admission adds the class's node selector to the pods, not to the template, so the controller creates a pod for every node. */
function forDaemonSet({ cluster, subject, outside, nodes }: SandboxWish, runtimeClass: RuntimeClass): Remedy {
  const { name, nodeSelector } = runtimeClass;
  const own = ownSelector(outside);
  const seen = nodes.state === 'observed' ? nodes.value.filter(({ labels }) => selects(own, labels)) : [];
  const all = seen.length;
  const { all: kata } = placesFor(runtimeClass, outside, seen);
  const set = `set runtimeClassName: ${name} in the pod template`;
  const others = all - kata;
  // The DaemonSet's own selector, or a taint of the other nodes, already keeps it on the Kata nodes.
  const isThereOnly = outside.every(({ pods, placement }) => placement.onKataNode === pods);
  if (others === 0 || isThereOnly) return setClass(cluster, subject, name, set);
  const selector = Object.entries(nodeSelector).map(([key, value]) => `${key}: "${value}"`);
  const where = selector.length === 0 ? 'a node selector for the Kata nodes' : `the node selector ${selector.join(', ')}`;
  return correctTemplate(
    cluster,
    subject,
    `With only the class, its pods would wait forever on the ${counted(others, 'node')} without Kata, and the rollout would stop. ${capital(set)} together with ${where}. If it must also run on the other nodes, create a second DaemonSet for them, with an exemption.`,
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
