import { kataLabels } from '../isolation/kata-evidence.ts';
import type { Cluster, KubernetesNode } from '../snapshot/snapshot.ts';
import type { Remedy } from './command.ts';
import { objectName } from './command-words.ts';
import { kubectlCommands } from './commands.ts';

/** How a cordoned node is opened to pods again. */
export function uncordon(cluster: Cluster, node: string): Remedy {
  return {
    remediation: 'Uncordon the nodes once the maintenance that closed them has ended.',
    commands: kubectlCommands(cluster, { verb: 'uncordon', objects: [objectName(node)] }),
  };
}

/** How to find out why a node is not ready. */
export function describeNode(cluster: Cluster, node: string): Remedy {
  return {
    remediation: 'Look at the conditions of the nodes that are not ready.',
    commands: kubectlCommands(cluster, { verb: 'describe', objects: ['nodes', objectName(node)] }),
  };
}

/** How the labels of Kata nodes are taken off a node that is none: Kata classes send their pods there. */
export function takeLabelOff(cluster: Cluster, node: KubernetesNode): Remedy {
  const objects = ['nodes', objectName(node.name), ...kataLabels(node).map((label) => `${label}-`)];
  return {
    remediation: 'Take the label off: pods of a Kata RuntimeClass are sent there and cannot start.',
    commands: kubectlCommands(cluster, { verb: 'label', objects }),
  };
}
