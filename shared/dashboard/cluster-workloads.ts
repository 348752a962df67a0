import type { IsolationEvidence, IsolationStep } from '../domain/isolation/isolation-step.ts';
import { poolKey } from '../domain/isolation/kata-node-check.ts';
import { type Closed, whyClosed } from '../domain/isolation/node-ability.ts';
import { KATA_HANDLERS } from '../domain/policy/policy.ts';
import type { PodGroup } from '../domain/snapshot/pod-group.ts';
import type { KubernetesNode } from '../domain/snapshot/snapshot.ts';
import { type Content, type Html, html } from './html.ts';
import { stepCell } from './isolation.ts';
import { boundedTable, type Column } from './table.ts';
import { badge, count, empty, name, namespaced, number, type View } from './view.ts';

/** The isolation step of one workload. */
export interface WorkloadStep {
  readonly group: PodGroup;
  readonly required: boolean;
  readonly evidence: IsolationEvidence;
}

/** Steps in order of urgency. */
const WORST_FIRST: readonly IsolationStep[] = ['disproved', 'none', 'declared', 'resolved', 'proven'];

/** Workloads by isolation step, the worst first; each reason is shown once. */
export function workloadTable(view: View, workloads: readonly WorkloadStep[]): Html {
  if (workloads.length === 0)
    return empty('No workload needs a sandbox', 'No pod asks for a Kata class, and the policy requires none here.');
  const columns: readonly Column<WorkloadStep>[] = [
    { label: 'Workload', className: 'name short', cell: ({ group }) => namespaced(group.namespace, group.ownerName) },
    { label: 'Kind', cell: ({ group }) => group.ownerKind },
    { label: 'RuntimeClass', cell: ({ group }) => group.runtimeClassName ?? 'none named' },
    { label: 'Must be sandboxed', cell: ({ required }) => (required ? 'yes' : 'no') },
    { label: 'Pods', numeric: true, cell: ({ group }) => number(group.pods) },
  ];
  const alike = Map.groupBy(workloads, ({ evidence: { step, reason } }) => `${step} ${reason}`);
  const groups = [...alike.values()]
    .flatMap((rows) => rows.slice(0, 1).map(({ evidence }) => ({ step: evidence.step, label: stepCell(evidence), rows })))
    .toSorted((a, b) => WORST_FIRST.indexOf(a.step) - WORST_FIRST.indexOf(b.step));
  return boundedTable(view, 'Workloads', columns, groups, 'workload');
}

/** Nodes that are identical in everything that the page shows. */
interface AlikeNodes {
  readonly pool: string;
  readonly closed: Closed | undefined;
  readonly handlers: readonly string[] | undefined;
  readonly kernel: string;
  readonly names: readonly string[];
}

/** Maximum number of node names in one unfolded line; the API returns all. */
const MAX_NAMES = 50;
/** With this many names or fewer, nothing is folded. */
const FEW_NAMES = 1;

const CLOSED_BADGES: Readonly<Record<Closed, string>> = { 'not ready': 'high', cordoned: 'medium', tainted: 'info' };

/** The nodes with their runtime handlers and kernels; identical nodes share a line. */
export function nodeTable(view: View, nodes: readonly KubernetesNode[]): Html {
  if (nodes.length === 0) return empty('No node', 'The cluster has no node now.');
  const columns: readonly Column<AlikeNodes>[] = [
    { label: 'Pool', cell: ({ pool }) => (pool === '-' ? 'of no pool' : name(pool)) },
    { label: 'Nodes', className: 'name short', cell: ({ names }) => nodeNames(names) },
    { label: 'State', cell: ({ closed }) => (closed === undefined ? badge('pass', 'ready') : badge(CLOSED_BADGES[closed], closed)) },
    { label: 'Handlers', cell: ({ handlers }) => handlerBadges(handlers) },
    { label: 'Kernel', cell: ({ kernel }) => html`<code>${kernel === '' ? '?' : kernel}</code>` },
  ];
  return boundedTable(view, 'Nodes', columns, [{ label: '', rows: alikeNodes(nodes) }], 'line');
}

function alikeNodes(nodes: readonly KubernetesNode[]): readonly AlikeNodes[] {
  const one = (node: KubernetesNode): Omit<AlikeNodes, 'names'> => ({
    pool: poolKey(node),
    closed: whyClosed(node, []),
    handlers: node.runtimeHandlers,
    kernel: node.kernelVersion,
  });
  const alike = Map.groupBy(nodes, (node) => JSON.stringify(one(node)));
  return [...alike.values()].flatMap((some) =>
    some.slice(0, 1).map((node) => ({ ...one(node), names: some.map(({ name: text }) => text) })),
  );
}

function nodeNames(names: readonly string[]): Content {
  const list = (some: readonly string[]) => some.map((text, at) => html`${at === 0 ? '' : html`<br>`}${name(text)}`);
  if (names.length <= FEW_NAMES) return list(names);
  const lost =
    names.length > MAX_NAMES ? html`<br><span class="mute">${count(names.length - MAX_NAMES, 'node')} more only in the API</span>` : '';
  return html`<details><summary>${count(names.length, 'node')}</summary>${list(names.slice(0, MAX_NAMES))}${lost}</details>`;
}

function handlerBadges(handlers: readonly string[] | undefined): Content {
  if (handlers === undefined || handlers.length === 0) return '?';
  return handlers.map((one) => html`${badge(KATA_HANDLERS.includes(one) ? 'info' : 'plain', one === '' ? 'default' : one)} `);
}
