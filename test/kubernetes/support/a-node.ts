import type { KubernetesNode } from '../../../shared/domain/snapshot/snapshot.ts';

/** A ready node of the agent pool `apps` that runs ordinary containers, with the changes of a test. */
export function aNode(
  name: string,
  change: Partial<KubernetesNode> = {},
  without: readonly ('nodePool' | 'runtimeHandlers')[] = [],
): KubernetesNode {
  return {
    name,
    ...(without.includes('nodePool') ? {} : { nodePool: 'apps' }),
    provisioner: 'agent-pool',
    ready: true,
    ...(without.includes('runtimeHandlers') ? {} : { runtimeHandlers: ['', 'runc'] }),
    labels: {},
    kernelVersion: '6.6.0',
    bootId: `boot-${name}`,
    osImage: 'Azure Linux',
    containerRuntimeVersion: 'containerd://2.0',
    kubeletVersion: 'v1.34.2',
    unschedulable: false,
    ...change,
  };
}
