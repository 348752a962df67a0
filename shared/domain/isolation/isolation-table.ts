import { observedValue } from '../snapshot/observation.ts';
import type { PodGroup } from '../snapshot/pod-group.ts';
import type { ClusterSnapshot, IsolationProof, KubernetesNode } from '../snapshot/snapshot.ts';
import { kindOf } from '../snapshot/subject.ts';
import { comparedBootIds, isProofOf, proofsIn, sharesKernel } from './isolation-proof.ts';
import { type IsolationStep, isolationOfPools, isolationOfWorkloads, type PoolIsolation } from './isolation-step.ts';
import { isKataNode } from './kata-evidence.ts';
import { poolKey } from './kata-node-check.ts';

/** Kinds of rows: two controls, which share a kernel, and pods, which must not. */
export type IsolationRowKind = 'runc pod on a plain node' | 'runc pod on a Kata node' | 'sandboxed pod';

/** One row of the kernel comparison: the pod's kernel beside its node's kernel. */
export interface IsolationRow {
  readonly kind: IsolationRowKind;
  /** Workload, or canary with its node pool. */
  readonly subject: string;
  readonly node?: string;
  readonly nodeKernel?: string;
  readonly podKernel?: string;
  /** RuntimeClass name and its handler, or `runc`. */
  readonly runtime: string;
  readonly bootIds: 'equal' | 'different' | 'not read';
  readonly step: IsolationStep;
  readonly why: string;
}

/** Builds the kernel comparison: one row per control, and one per sandboxed workload or canary. */
export function isolationTable(snapshot: ClusterSnapshot): readonly IsolationRow[] {
  const canaries = proofsIn(snapshot.isolationProofs).filter(({ method }) => method === 'canary');
  const controls = [false, true].flatMap((kata) => controlsOf(snapshot, canaries, kata));
  const sandboxed = canaries.filter(({ runtimeClassName }) => runtimeClassName !== undefined);
  const pools = isolationOfPools(snapshot);
  return [...controls, ...sandboxed.map((proof) => canaryRow(proof, pools, snapshot)), ...workloadRows(snapshot)];
}

/** The canaries without a class on such nodes, or the kernel that the first such node reports. */
function controlsOf(snapshot: ClusterSnapshot, canaries: readonly IsolationProof[], kata: boolean): readonly IsolationRow[] {
  if (snapshot.nodes.state === 'unavailable') return [];
  const nodes = new Map(
    snapshot.nodes.value.filter((node) => isKataNode(node, snapshot.acceptedHandlers) === kata).map((node) => [node.name, node]),
  );
  const kind = kata ? 'runc pod on a Kata node' : 'runc pod on a plain node';
  const probed = canaries.filter(({ node, runtimeClassName }) => runtimeClassName === undefined && nodes.has(node));
  if (probed.length > 0)
    return probed.map((proof) => ({ ...shown(proof), kind, subject: placeOf(proof), runtime: 'runc', ...control(proof) }));
  const [first] = nodes.values();
  if (first === undefined) return [];
  const why = 'Not probed: only canary probes start a pod without a RuntimeClass. Such a pod uses its node’s kernel.';
  return [{ kind, subject: poolOf(first), ...nodeOf(first), runtime: 'runc', bootIds: 'not read', step: 'none', why }];
}

/** If a control does not show its node's boot id, boot ids prove nothing on this node. */
function control(proof: IsolationProof): Pick<IsolationRow, 'step' | 'why'> {
  const { result } = proof;
  if (result.state === 'unknown') return { step: 'none', why: `It could not be read: ${result.reason}` };
  return {
    step: 'none',
    why: sharesKernel(proof) ? 'As expected: a pod without a pod VM shares the kernel of its node.' : CONTROL_DIFFERS,
  };
}

const CONTROL_DIFFERS = 'A pod without a pod VM shows a different boot id than its node: boot ids prove nothing on this node.';

/** A canary's result applies to its whole pool. */
function canaryRow(proof: IsolationProof, pools: readonly PoolIsolation[], snapshot: ClusterSnapshot): IsolationRow {
  const { runtimeClassName = '' } = proof;
  const node = nodeNamed(snapshot, proof.node);
  const evidence = pools.find(({ nodePool }) => nodePool === (node === undefined ? proof.nodePool : poolKey(node)))?.evidence;
  const { step, reason: why } = evidence ?? { step: 'declared', reason: 'The node of the canary no longer exists.' };
  return { ...shown(proof), kind: 'sandboxed pod', subject: placeOf(proof), runtime: runtimeOf(runtimeClassName, snapshot), step, why };
}

function workloadRows(snapshot: ClusterSnapshot): readonly IsolationRow[] {
  return isolationOfWorkloads(snapshot).map(({ group, evidence: { step, reason: why } }): IsolationRow => {
    const { namespace, ownerName, runtimeClassName = '' } = group;
    const proof = telling(proofsIn(snapshot.isolationProofs).filter((one) => isProofOf(one, group)));
    const known = proof === undefined ? exampleNode(group, snapshot) : shown(proof);
    const subject = `${namespace}/${kindOf(group)}/${ownerName}`;
    return { kind: 'sandboxed pod', subject, bootIds: 'not read', ...known, runtime: runtimeOf(runtimeClassName, snapshot), step, why };
  });
}

/** The decisive probe result: a shared kernel if there is one, otherwise any result that was read. */
function telling(proofs: readonly IsolationProof[]): IsolationProof | undefined {
  return proofs.find(sharesKernel) ?? proofs.find(({ result }) => result.state === 'read') ?? proofs[0];
}

function shown(proof: IsolationProof): Pick<IsolationRow, 'node' | 'nodeKernel' | 'podKernel' | 'bootIds'> {
  const { node, nodeKernel, result } = proof;
  return {
    node,
    nodeKernel,
    ...(result.state === 'read' && result.kernel !== undefined ? { podKernel: result.kernel } : {}),
    bootIds: comparedBootIds(proof),
  };
}

function exampleNode({ examples }: PodGroup, snapshot: ClusterSnapshot): Pick<IsolationRow, 'node' | 'nodeKernel'> {
  const name = examples.find(({ node }) => node !== undefined)?.node;
  const node = name === undefined ? undefined : nodeNamed(snapshot, name);
  return node === undefined ? {} : nodeOf(node);
}

function nodeNamed({ nodes }: ClusterSnapshot, name: string): KubernetesNode | undefined {
  return observedValue(nodes)?.find((one) => one.name === name);
}

function nodeOf({ name, kernelVersion }: KubernetesNode) {
  return { node: name, nodeKernel: kernelVersion };
}

function placeOf({ nodePool, node }: IsolationProof): string {
  return nodePool === undefined ? `canary on node ${node}` : `canary in pool ${nodePool}`;
}

function poolOf({ nodePool, name }: KubernetesNode): string {
  return nodePool === undefined ? `node ${name}` : `pool ${nodePool}`;
}

function runtimeOf(className: string, { runtimeClasses }: ClusterSnapshot): string {
  const found = observedValue(runtimeClasses)?.find(({ name }) => name === className);
  return `${className} (${found === undefined ? 'handler not known' : `handler ${found.handler}`})`;
}
