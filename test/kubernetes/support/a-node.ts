import type { KubernetesNode } from '../../../shared/domain/snapshot.ts';

/** A ready node of an agent pool that runs ordinary containers, but for what a test changes. */
export function aNode(name: string, change: Partial<KubernetesNode> = {}): KubernetesNode {
  return {
    name,
    nodePool: 'apps',
    provisioner: 'agent-pool',
    ready: true,
    runtimeHandlers: ['', 'runc'],
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
