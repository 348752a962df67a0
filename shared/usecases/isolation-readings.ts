import { readProbeOutput } from '../domain/isolation/probe-output.ts';
import { given } from '../domain/snapshot/given.ts';
import type { IsolationProof, KubernetesNode } from '../domain/snapshot/snapshot.ts';
import type { ProbeReading } from '../ports/isolation-probe.ts';

/** The fields of a proof that describe the node, as the node reports them. */
export function ofNode(node: KubernetesNode) {
  return {
    node: node.name,
    ...given({ nodePool: node.nodePool, nodeImageVersion: node.nodeImageVersion }),
    nodeBootId: node.bootId,
    nodeKernel: node.kernelVersion,
  };
}

/** The result of one probe in the form of a snapshot; only the kernel's own values are kept of the output. */
export function resultOf(reading: ProbeReading): IsolationProof['result'] {
  if (reading.state === 'unknown') return reading;
  const kernel = readProbeOutput(reading.output);
  return kernel === undefined ? { state: 'unknown', reason: 'The output of the pod contains no boot id.' } : { state: 'read', ...kernel };
}
