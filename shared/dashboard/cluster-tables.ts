import type { IsolationEvidence } from '../domain/isolation/isolation-step.ts';
import { isAksManaged } from '../domain/isolation/kata-evidence.ts';
import { isKataRuntime } from '../domain/isolation/workload-runtime.ts';
import { KATA_HANDLERS } from '../domain/policy/policy.ts';
import type { Observation } from '../domain/snapshot/observation.ts';
import type { PodGroup } from '../domain/snapshot/pod-group.ts';
import type { ClusterSnapshot, KubernetesNode, NodePool, RuntimeClass } from '../domain/snapshot/snapshot.ts';
import { ageScale } from './charts.ts';
import { type Content, type Html, html } from './html.ts';
import { stepCell } from './isolation.ts';
import { type Column, plainTable } from './table.ts';
import { badge, count, empty, name, type View } from './view.ts';

/** Workloads that the page shows; the API gives them all. */
const MAX_WORKLOADS = 100;

/** What is known of a pool's images beside the pool itself. */
export interface PoolImages {
  readonly nodePool: string;
  readonly ageDays?: number;
  readonly latest?: string;
  readonly guestKernel?: string;
  readonly hostKernel?: string;
  readonly kataVersion?: string;
}

/** How far the evidence for one workload reaches. */
export interface WorkloadStep {
  readonly group: PodGroup;
  readonly required: boolean;
  readonly evidence: IsolationEvidence;
}

/** A part of the snapshot, or the reason why it was not seen. */
export function part<T>(observation: Observation<T> | undefined, show: (value: T) => Html): Html {
  if (observation === undefined) return empty('Not looked at yet', 'The next scan fills this in.');
  if (observation.state === 'unavailable') {
    const { code, message } = observation.reason;
    // What was not asked for is no gap, so its reason stands here; every other reason stands once, above.
    return code === 'not-asked' ? empty('Not asked for', message) : empty('Could not look', html`<a href="#gaps">${code}</a>`);
  }
  const { coverage } = observation;
  const note =
    coverage.kind === 'full'
      ? html``
      : coverage.kind === 'truncated'
        ? html`<p>${badge('unknown', 'truncated')} ${coverage.message}</p>`
        : html`<p>${badge('unknown', 'sample')} ${coverage.sampledNodes} of ${coverage.totalNodes} nodes read: at most ${(coverage.upperBound * 100).toFixed(1)} % of nodes at ${coverage.confidence * 100} %.</p>`;
  return html`${note}${show(observation.value)}`;
}

export function poolTable(view: View, pools: readonly NodePool[], images: readonly PoolImages[]): Html {
  if (pools.length === 0) return empty('No node pool', 'Nodes of this cluster come from node auto-provisioning.');
  const of = (pool: NodePool) => images.find(({ nodePool }) => nodePool === pool.name);
  const columns: readonly Column<NodePool>[] = [
    {
      label: 'Pool',
      cell: (pool) =>
        html`${name(pool.name)} ${pool.inTransition === true ? badge('transition', 'in transition') : ''}${isAksManaged(pool) ? badge('info', 'AKS-managed') : ''}`,
    },
    {
      label: 'Workload runtime',
      cell: ({ workloadRuntime }) =>
        workloadRuntime !== undefined && isKataRuntime(workloadRuntime)
          ? badge('info', workloadRuntime)
          : (workloadRuntime ?? 'OCIContainer'),
    },
    { label: 'Image', cell: ({ nodeImageVersion }) => html`<code>${nodeImageVersion ?? 'unknown'}</code>` },
    { label: 'Image age', cell: (pool) => ageOf(of(pool)) },
    { label: 'Latest', cell: (pool) => html`<code>${of(pool)?.latest ?? 'unknown'}</code>` },
    {
      label: 'Kernels (host, guest) and Kata',
      cell: (pool) => html`<span class="mute">${kernelsOf(of(pool))}</span>`,
    },
    { label: 'Nodes', numeric: true, cell: ({ count: nodes }) => nodes ?? 'unknown' },
    {
      label: 'State',
      cell: ({ provisioningState, powerState }) => `${provisioningState ?? 'state unknown'}, ${powerState ?? 'power unknown'}`,
    },
  ];
  return plainTable(view, 'Node pools', columns, pools);
}

function ageOf(images: PoolImages | undefined): Content {
  return images?.ageDays === undefined ? badge('unknown') : ageScale(images.ageDays);
}

function kernelsOf(images: PoolImages | undefined): string {
  if (images?.hostKernel === undefined) return 'not known for this image';
  if (images.guestKernel === undefined) return images.hostKernel;
  return `${images.hostKernel}, ${images.guestKernel}, Kata ${images.kataVersion ?? 'unknown'}`;
}

export function classTable(view: View, classes: readonly RuntimeClass[], snapshot: ClusterSnapshot | undefined): Html {
  if (classes.length === 0) return empty('No RuntimeClass', 'Pods of this cluster run with the node’s default runtime.');
  const nodes = snapshot?.nodes.state === 'observed' ? snapshot.nodes.value : undefined;
  const columns: readonly Column<RuntimeClass>[] = [
    { label: 'Class', cell: ({ name: text }) => name(text) },
    { label: 'Handler', cell: ({ handler }) => (KATA_HANDLERS.includes(handler) ? badge('info', handler) : handler) },
    { label: 'Nodes that take it', numeric: true, cell: (one) => (nodes === undefined ? badge('unknown') : schedulable(one, nodes)) },
    { label: 'Selector', className: 'name', cell: ({ nodeSelector }) => selectorText(nodeSelector) },
    { label: 'Overhead', cell: ({ overheadMemory }) => overheadMemory ?? '–' },
  ];
  return plainTable(view, 'RuntimeClasses', columns, classes);
}

function selectorText(selector: Readonly<Record<string, string>>): string {
  const words = Object.entries(selector).map(([key, value]) => `${key}=${value}`);
  return words.length === 0 ? 'any node' : words.join(', ');
}

/** Ready nodes that match the class's selector. */
function schedulable({ nodeSelector }: RuntimeClass, nodes: readonly KubernetesNode[]): number {
  return nodes.filter(({ ready, labels }) => ready && Object.entries(nodeSelector).every(([key, value]) => labels[key] === value)).length;
}

export function workloadTable(view: View, workloads: readonly WorkloadStep[]): Html {
  if (workloads.length === 0)
    return empty('No workload needs a sandbox', 'No pod asks for a Kata class, and the policy requires none here.');
  const columns: readonly Column<WorkloadStep>[] = [
    { label: 'Workload', className: 'name', cell: ({ group }) => name(`${group.namespace}/${group.ownerName}`) },
    { label: 'Kind', cell: ({ group }) => group.ownerKind },
    { label: 'Must be sandboxed', cell: ({ required }) => (required ? 'yes' : 'no') },
    { label: 'RuntimeClass', cell: ({ group }) => group.runtimeClassName ?? '–' },
    {
      label: 'Step reached',
      cell: ({ evidence }) => stepCell(evidence),
    },
    { label: 'Pods', numeric: true, cell: ({ group }) => group.pods },
  ];
  const shown = workloads.slice(0, MAX_WORKLOADS);
  const more =
    workloads.length > shown.length ? html`<p class="mute">and ${count(workloads.length - shown.length, 'workload')} more</p>` : '';
  return html`${plainTable(view, 'Workloads', columns, shown)}${more}`;
}

/** Nodes that the page shows, and how many of them before the rest is folded. */
const MAX_NODES = 50;
const OPEN_NODES = 10;

/** The nodes with their runtime handlers and their own kernels. */
export function nodeTable(view: View, nodes: readonly KubernetesNode[]): Html {
  const columns: readonly Column<KubernetesNode>[] = [
    { label: 'Node', className: 'name', cell: ({ name: text }) => name(text) },
    { label: 'Ready', cell: ({ ready }) => (ready ? badge('pass', 'ready') : badge('high', 'not ready')) },
    {
      label: 'Handlers',
      cell: ({ runtimeHandlers }) =>
        runtimeHandlers === undefined || runtimeHandlers.length === 0
          ? '?'
          : runtimeHandlers.map((one) => html`${badge(KATA_HANDLERS.includes(one) ? 'info' : 'plain', one === '' ? 'default' : one)} `),
    },
    { label: 'Kernel', cell: ({ kernelVersion }) => html`<code>${kernelVersion ?? '?'}</code>` },
  ];
  const more = nodes.length > MAX_NODES ? html`<p class="mute">and ${count(nodes.length - MAX_NODES, 'node')} more</p>` : '';
  const folded = nodes.slice(OPEN_NODES, MAX_NODES);
  const rest =
    folded.length === 0
      ? ''
      : html`<details><summary>${count(folded.length, 'node')} more</summary>${plainTable(view, 'More nodes', columns, folded)}</details>`;
  return html`${plainTable(view, 'Nodes', columns, nodes.slice(0, OPEN_NODES))}${rest}${more}`;
}
