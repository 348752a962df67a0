import { type IsolationStep, isolationOf, sharesKernel } from './isolation-step.ts';
import { activePods, isKataHandler, isKataNode } from './kata-evidence.ts';
import type { ClusterSnapshot, IsolationProof, KubernetesNode, PodGroup } from './snapshot.ts';

/** What a line of the table stands for: two controls that share a kernel, and what must not. */
export type IsolationRowKind = 'runc pod on a plain node' | 'runc pod on a Kata node' | 'sandboxed pod';

/** One line of the comparison of kernels: what a pod showed against what its node says of itself. */
export interface IsolationRow {
  readonly kind: IsolationRowKind;
  /** The workload, or the canary and its node pool. */
  readonly subject: string;
  readonly node?: string;
  readonly nodeKernel?: string;
  readonly podKernel?: string;
  /** The class's name and the handler it stands for, or `runc`. */
  readonly runtime: string;
  readonly bootIds: 'equal' | 'different' | 'not read';
  readonly step: IsolationStep;
  readonly why: string;
}

/** The comparison of kernels: one line for each control, and one for each sandboxed workload or canary. */
export function isolationTable(snapshot: ClusterSnapshot): readonly IsolationRow[] {
  const canaries = proofsOf(snapshot).filter(({ method }) => method === 'canary');
  const controls = [false, true].flatMap((kata) => controlsOf(snapshot, canaries, kata));
  const sandboxed = canaries.filter(({ runtimeClassName }) => runtimeClassName !== undefined);
  return [...controls, ...sandboxed.map((proof) => canaryRow(proof, canaries, snapshot)), ...workloadRows(snapshot)];
}

function proofsOf({ isolationProofs }: ClusterSnapshot): readonly IsolationProof[] {
  return isolationProofs.state === 'observed' ? isolationProofs.value : [];
}

/** The canaries without a class on such nodes, or what the first such node says of itself. */
function controlsOf(snapshot: ClusterSnapshot, canaries: readonly IsolationProof[], kata: boolean): readonly IsolationRow[] {
  if (snapshot.nodes.state === 'unavailable') return [];
  const nodes = new Map(snapshot.nodes.value.filter((node) => isKataNode(node) === kata).map((node) => [node.name, node]));
  const kind = kata ? 'runc pod on a Kata node' : 'runc pod on a plain node';
  const probed = canaries.filter(({ node, runtimeClassName }) => runtimeClassName === undefined && nodes.has(node));
  if (probed.length > 0)
    return probed.map((proof) => ({ ...shown(proof), kind, subject: placeOf(proof), runtime: 'runc', ...control(proof) }));
  const [first] = nodes.values();
  if (first === undefined) return [];
  const why = 'Not probed: only canaries are started without a class. Such a pod has the kernel of its node.';
  return [{ kind, subject: poolOf(first), ...nodeOf(first), runtime: 'runc', bootIds: 'not read', step: 'none', why }];
}

/** A control that does not share its node's kernel means that boot ids tell nothing here. */
function control(proof: IsolationProof): Pick<IsolationRow, 'step' | 'why'> {
  const { result } = proof;
  if (result.state === 'unknown') return { step: 'none', why: `It could not be read: ${result.reason}` };
  return {
    step: 'none',
    why: sharesKernel(proof) ? 'As it should be: a pod without a pod VM has the kernel of its node.' : CONTROL_DIFFERS,
  };
}

const CONTROL_DIFFERS = 'A pod without a pod VM shows another boot id than its node: boot ids tell nothing on this node.';

function canaryRow(proof: IsolationProof, canaries: readonly IsolationProof[], snapshot: ClusterSnapshot): IsolationRow {
  const { runtimeClassName = '', result } = proof;
  const row = { ...shown(proof), kind: 'sandboxed pod' as const, subject: placeOf(proof), runtime: runtimeOf(runtimeClassName, snapshot) };
  if (result.state === 'unknown') return { ...row, step: 'resolved', why: `It could not be read: ${result.reason}` };
  if (sharesKernel(proof)) return { ...row, step: 'disproved', why: 'It showed the boot id of its node: they share one kernel.' };
  const own = canaries.find(({ node, runtimeClassName: name }) => node === proof.node && name === undefined);
  if (own?.result.state === 'read' && !sharesKernel(own)) return { ...row, step: 'resolved', why: CONTROL_DIFFERS };
  return { ...row, step: 'proven', why: 'It showed a boot id that is not its node’s: it has its own kernel.' };
}

function workloadRows(snapshot: ClusterSnapshot): readonly IsolationRow[] {
  if (snapshot.workloads.state === 'unavailable') return [];
  return snapshot.workloads.value
    .filter((group) => mayBeSandboxed(group, snapshot))
    .map((group): IsolationRow => {
      const { step, reason: why } = isolationOf(group, snapshot);
      const { namespace, ownerKind, ownerName, runtimeClassName = '' } = group;
      const proof = telling(proofsOf(snapshot).filter((one) => isOf(one, group)));
      const known = proof === undefined ? exampleNode(group, snapshot) : shown(proof);
      const subject = `${namespace}/${ownerKind}/${ownerName}`;
      return { kind: 'sandboxed pod', subject, bootIds: 'not read', ...known, runtime: runtimeOf(runtimeClassName, snapshot), step, why };
    });
}

/** Lives, and names a class that starts a pod VM, or one of which nothing is known. */
function mayBeSandboxed(group: PodGroup, { runtimeClasses }: ClusterSnapshot): boolean {
  const { runtimeClassName } = group;
  if (runtimeClassName === undefined || activePods(group) === 0) return false;
  const found = runtimeClasses.state === 'observed' ? runtimeClasses.value.find(({ name }) => name === runtimeClassName) : undefined;
  return found === undefined || isKataHandler(found.handler);
}

/** The reading that decided: one shared kernel before all, then any that was read. */
function telling(proofs: readonly IsolationProof[]): IsolationProof | undefined {
  return proofs.find(sharesKernel) ?? proofs.find(({ result }) => result.state === 'read') ?? proofs[0];
}

function isOf(proof: IsolationProof, { namespace, ownerKind, ownerName, runtimeClassName }: PodGroup): boolean {
  return (
    proof.method === 'exec' &&
    proof.namespace === namespace &&
    proof.ownerKind === ownerKind &&
    proof.ownerName === ownerName &&
    proof.runtimeClassName === runtimeClassName
  );
}

function shown(proof: IsolationProof): Pick<IsolationRow, 'node' | 'nodeKernel' | 'podKernel' | 'bootIds'> {
  const { node, nodeKernel, result, nodeBootId } = proof;
  const read = result.state === 'read' && result.bootId !== '' && nodeBootId !== '';
  return {
    node,
    nodeKernel,
    ...(result.state === 'read' && result.kernel !== undefined ? { podKernel: result.kernel } : {}),
    bootIds: read ? (sharesKernel(proof) ? 'equal' : 'different') : 'not read',
  };
}

function exampleNode({ examples }: PodGroup, { nodes }: ClusterSnapshot): Pick<IsolationRow, 'node' | 'nodeKernel'> {
  const name = examples.find(({ node }) => node !== undefined)?.node;
  const node = nodes.state === 'observed' ? nodes.value.find((one) => one.name === name) : undefined;
  return node === undefined ? {} : nodeOf(node);
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
  const found = runtimeClasses.state === 'observed' ? runtimeClasses.value.find(({ name }) => name === className) : undefined;
  return `${className} (${found === undefined ? 'handler not known' : `handler ${found.handler}`})`;
}
