import { comparedBootIds, showsOwnKernel } from '../domain/isolation/isolation-proof.ts';
import { type IsolationEvidence, isolationOfPools, type PoolIsolation } from '../domain/isolation/isolation-step.ts';
import type { ClusterSnapshot, IsolationProof } from '../domain/snapshot/snapshot.ts';
import { type Html, html } from './html.ts';
import { type Column, plainTable } from './table.ts';
import { badge, empty, name, type View, when } from './view.ts';

/** The step that was reached, with what it rests on. */
export function stepCell({ step, reason }: IsolationEvidence): Html {
  return html`${badge(step === 'resolved' ? 'resolved-step' : step === 'none' ? 'info' : step, step)} <span class="mute">${reason}</span>`;
}

/** How far the evidence reaches for each Kata pool. */
export function poolSteps(view: View, snapshot: ClusterSnapshot | undefined): Html {
  if (snapshot === undefined) return empty('Not looked at yet', 'The next scan fills this in.');
  const pools = isolationOfPools(snapshot);
  if (pools.length === 0) return noPool(snapshot);
  const columns: readonly Column<PoolIsolation>[] = [
    { label: 'Kata pool', cell: ({ nodePool }) => (nodePool === '-' ? 'nodes of no pool' : name(nodePool)) },
    { label: 'Step reached', cell: ({ evidence }) => stepCell(evidence) },
  ];
  return plainTable(view, 'Kata pools', columns, pools);
}

/** No Kata pool was found: which says something only when it could be looked for. */
function noPool({ nodePools, nodes }: ClusterSnapshot): Html {
  for (const part of [nodePools, nodes]) {
    if (part.state === 'unavailable')
      return empty('Could not look', html`${part.reason.message} <span class="mute">(${part.reason.code})</span>`);
  }
  return empty('No Kata pool', 'No node of this cluster starts pod VMs.');
}

/** What each probed pod showed against what its node says of itself. */
export function proofTable(view: View, proofs: readonly IsolationProof[], snapshot: ClusterSnapshot | undefined): Html {
  if (proofs.length === 0) return empty('No pod was probed', 'No running sandboxed pod was found to probe.');
  const columns: readonly Column<IsolationProof>[] = [
    { label: 'Pod', cell: ({ namespace, pod }) => name(`${namespace}/${pod}`) },
    { label: 'Runtime', cell: ({ runtimeClassName }) => runtimeClassName ?? 'runc' },
    { label: 'Node kernel', cell: ({ nodeKernel }) => html`<code>${nodeKernel}</code>` },
    { label: 'Pod kernel', cell: ({ result }) => html`<code>${result.state === 'read' ? (result.kernel ?? 'not read') : '–'}</code>` },
    { label: 'Boot id', cell: (proof) => proofBadge(proof, snapshot) },
    { label: 'When', cell: ({ at, method }) => html`${when(at)}, ${method}` },
  ];
  return plainTable(view, 'Kernels of nodes and pods', columns, proofs);
}

/** A pod without a class is a control: that it shares the kernel of its node is as it should be. */
function proofBadge(proof: IsolationProof, snapshot: ClusterSnapshot | undefined): Html {
  if (proof.result.state === 'unknown') return html`${badge('unknown')} <span class="mute">${proof.result.reason}</span>`;
  const isControl = proof.runtimeClassName === undefined;
  switch (comparedBootIds(proof)) {
    case 'not read':
      return html`${badge('unknown')} <span class="mute">pod or node tells no boot id</span>`;
    case 'equal':
      return isControl
        ? badge('info', 'same as the node, as it should be without a pod VM')
        : badge('disproved', 'same as the node: shared kernel');
    case 'different':
      if (isControl) return badge('unknown', 'differs without a pod VM: boot ids tell nothing on this node');
      return snapshot !== undefined && showsOwnKernel(proof, snapshot)
        ? badge('proven', 'differs from the node: own kernel')
        : badge('unknown', 'differed from the node, and proves nothing today');
  }
}
