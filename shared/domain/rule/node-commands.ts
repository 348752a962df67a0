import { kataLabels } from '../isolation/kata-evidence.ts';
import type { Cluster, KubernetesNode } from '../snapshot/snapshot.ts';
import type { Remedy } from './command.ts';
import { objectName } from './command-words.ts';
import { kubectlCommands } from './commands.ts';

/** The remedy for a cordoned node. */
export function uncordon(cluster: Cluster, node: string): Remedy {
  return {
    remediation: 'Uncordon the nodes when their maintenance has ended.',
    commands: kubectlCommands(cluster, { verb: 'uncordon', objects: [objectName(node)] }),
  };
}

/** The remedy for a node that is not ready. */
export function describeNode(cluster: Cluster, node: string): Remedy {
  return {
    remediation: 'Check the conditions of the nodes that are not ready.',
    commands: kubectlCommands(cluster, { verb: 'describe', objects: ['nodes', objectName(node)] }),
  };
}

/** The remedy for Kata labels on a node without Kata: Kata classes schedule their pods there. */
export function takeLabelOff(cluster: Cluster, node: KubernetesNode): Remedy {
  const objects = ['nodes', objectName(node.name), ...kataLabels(node).map((label) => `${label}-`)];
  return {
    remediation: 'Remove the label: pods of a Kata RuntimeClass are scheduled there and cannot start.',
    commands: kubectlCommands(cluster, { verb: 'label', objects }),
  };
}
