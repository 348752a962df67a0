import { readProbeOutput } from '../domain/isolation/probe-output.ts';
import { given } from '../domain/snapshot/given.ts';
import type { IsolationProof, KubernetesNode } from '../domain/snapshot/snapshot.ts';
import type { ProbeReading } from '../ports/isolation-probe.ts';

/** What a proof says of the node, as the node itself tells it. */
export function ofNode(node: KubernetesNode) {
  return {
    node: node.name,
    ...given({ nodePool: node.nodePool, nodeImageVersion: node.nodeImageVersion }),
    nodeBootId: node.bootId,
    nodeKernel: node.kernelVersion,
  };
}

/** What came of one probe, as a snapshot keeps it: never more of the output than the kernel's own words. */
export function resultOf(reading: ProbeReading): IsolationProof['result'] {
  if (reading.state === 'unknown') return reading;
  const kernel = readProbeOutput(reading.output);
  return kernel === undefined ? { state: 'unknown', reason: 'What the pod printed holds no boot id.' } : { state: 'read', ...kernel };
}
