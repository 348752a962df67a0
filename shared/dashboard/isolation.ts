import { comparedBootIds, showsOwnKernel } from '../domain/isolation/isolation-proof.ts';
import { type IsolationEvidence, isolationOfPools, type PoolIsolation } from '../domain/isolation/isolation-step.ts';
import type { ClusterSnapshot, IsolationProof } from '../domain/snapshot/snapshot.ts';
import { unseen } from './cluster-tables.ts';
import { type Content, type Html, html } from './html.ts';
import { boundedTable, type Column } from './table.ts';
import { badge, empty, name, namespaced, type View, when } from './view.ts';

/** The isolation step with its evidence. */
export function stepCell({ step, reason }: IsolationEvidence): Html {
  return html`${badge(step === 'resolved' ? 'resolved-step' : step === 'none' ? 'info' : step, step)} <span class="mute">${reason}</span>`;
}

/** The isolation step of each Kata pool. */
export function poolSteps(view: View, snapshot: ClusterSnapshot | undefined): Html {
  if (snapshot === undefined) return empty('Not scanned yet', 'The next scan fills this in.');
  const pools = isolationOfPools(snapshot);
  if (pools.length === 0) return noPool(snapshot);
  const columns: readonly Column<readonly PoolIsolation[]>[] = [
    {
      label: 'Kata pools',
      className: 'name',
      cell: (alike) => alike.map(({ nodePool }, at) => html`${at === 0 ? '' : ', '}${poolName(nodePool)}`),
    },
    { label: 'Step reached', className: 'msg', cell: ([first]) => first && stepCell(first.evidence) },
  ];
  const alike = [...Map.groupBy(pools, ({ evidence: { step, reason } }) => `${step} ${reason}`).values()];
  return boundedTable(view, 'Kata pools', columns, [{ label: '', rows: alike }], 'line');
}

function poolName(nodePool: string): Content {
  return nodePool === '-' ? 'nodes of no pool' : name(nodePool);
}

/** A message that there is no Kata pool, which is meaningful only if pools could be read. */
function noPool({ nodePools, nodes }: ClusterSnapshot): Html {
  for (const part of [nodePools, nodes]) if (part.state === 'unavailable') return unseen(part.reason.code);
  return empty('No Kata pool', 'No node of this cluster starts pod VMs.');
}

/** The kernel of each probed pod compared with the one that its node reports. */
export function proofTable(view: View, proofs: readonly IsolationProof[], snapshot: ClusterSnapshot | undefined): Html {
  if (proofs.length === 0) return empty('No pod was probed', 'No running sandboxed pod was found to probe.');
  const columns: readonly Column<IsolationProof>[] = [
    { label: 'Pod', className: 'name', cell: ({ namespace, pod }) => namespaced(namespace, pod) },
    { label: 'Runtime', cell: ({ runtimeClassName }) => runtimeClassName ?? 'runc' },
    { label: 'Node kernel', cell: ({ nodeKernel }) => html`<code>${nodeKernel}</code>` },
    { label: 'Pod kernel', cell: ({ result }) => html`<code>${result.state === 'read' ? (result.kernel ?? 'not read') : '–'}</code>` },
    { label: 'Boot id', cell: (proof) => proofBadge(proof, snapshot) },
    { label: 'When', cell: ({ at, method }) => html`${when(at)}, ${method}` },
  ];
  return boundedTable(view, 'Kernels of nodes and pods', columns, [{ label: '', rows: proofs }], 'probe');
}

/** A pod without a class is a control: it is expected to share its node's kernel. */
function proofBadge(proof: IsolationProof, snapshot: ClusterSnapshot | undefined): Html {
  if (proof.result.state === 'unknown') return html`${badge('unknown')} <span class="mute">${proof.result.reason}</span>`;
  const isControl = proof.runtimeClassName === undefined;
  switch (comparedBootIds(proof)) {
    case 'not read':
      return html`${badge('unknown')} <span class="mute">pod or node reports no boot id</span>`;
    case 'equal':
      return isControl
        ? badge('info', 'same as the node, as expected without a pod VM')
        : badge('disproved', 'same as the node: shared kernel');
    case 'different':
      if (isControl) return badge('unknown', 'differs without a pod VM: boot ids prove nothing on this node');
      return snapshot !== undefined && showsOwnKernel(proof, snapshot)
        ? badge('proven', 'differs from the node: own kernel')
        : badge('unknown', 'differed from the node, but no longer proves anything');
  }
}
