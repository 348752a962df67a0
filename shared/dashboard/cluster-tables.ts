import { parseNodeImage } from '../domain/images/node-image.ts';
import { isAksManaged, listsHandler } from '../domain/isolation/kata-evidence.ts';
import { toleratedByName, whyClosed } from '../domain/isolation/node-ability.ts';
import { isKataRuntime } from '../domain/isolation/workload-runtime.ts';
import { KATA_HANDLERS } from '../domain/policy/policy.ts';
import { selects } from '../domain/policy/scope.ts';
import { type Coverage, type Observation, observedValue } from '../domain/snapshot/observation.ts';
import type { ClusterSnapshot, NodePool, RuntimeClass } from '../domain/snapshot/snapshot.ts';
import { targetText } from '../domain/snapshot/targeted-coverage.ts';
import { ageScale } from './charts.ts';
import { type Content, type Html, html } from './html.ts';
import { boundedTable, type Column } from './table.ts';
import { badge, empty, name, number, type View } from './view.ts';

/** Data about a pool's images from other sources than the pool. */
export interface PoolImages {
  readonly nodePool: string;
  readonly ageDays?: number;
  readonly latest?: string;
  readonly guestKernel?: string;
  readonly hostKernel?: string;
  readonly kataVersion?: string;
}

/** Renders a part of the snapshot, or the reason why it was not read. */
export function part<T>(observation: Observation<T> | undefined, show: (value: T) => Html): Html {
  if (observation === undefined) return empty('Not scanned yet', 'The next scan fills this in.');
  if (observation.state === 'unavailable') {
    const { code, message } = observation.reason;
    // A part that was not requested is not a gap, so its reason is shown here. Every other reason is shown once, above.
    return code === 'not-asked' ? html`<p>Not asked for: <span class="mute">${message}</span></p>` : unseen(code);
  }
  return html`${coverageNote(observation.coverage)}${show(observation.value)}`;
}

function coverageNote(coverage: Coverage): Html {
  switch (coverage.kind) {
    case 'full':
      return html``;
    case 'truncated':
      return html`<p>${badge('unknown', 'truncated')} ${coverage.message}</p>`;
    case 'targeted':
      return html`<p>${badge('unknown', 'targeted')} Pods read: ${targetText(coverage)}.</p>`;
    case 'sample':
      return html`<p>${badge('unknown', 'sample')} ${coverage.sampledNodes} of ${coverage.totalNodes} nodes read: at most ${(coverage.upperBound * 100).toFixed(1)} % of nodes at ${coverage.confidence * 100} %.</p>`;
  }
}

/** A part that could not be read; the reason is shown once, above. */
export function unseen(code: string): Html {
  return html`<p>Could not be read: <a href="#gaps">${badge('unknown', code)}</a></p>`;
}

/** The node pools with their images and the age of these. */
export function poolTable(view: View, pools: readonly NodePool[], images: readonly PoolImages[]): Html {
  if (pools.length === 0) return empty('No node pool', 'Nodes of this cluster come from node auto-provisioning.');
  const of = (pool: NodePool) => images.find(({ nodePool }) => nodePool === pool.name);
  const columns: readonly Column<NodePool>[] = [
    {
      label: 'Pool',
      className: 'name short',
      cell: (pool) =>
        html`<strong>${name(pool.name)}</strong> ${pool.inTransition === true ? badge('transition', 'in transition') : ''}${isAksManaged(pool) ? badge('info', 'AKS-managed') : ''}`,
    },
    {
      label: 'Workload runtime',
      cell: ({ workloadRuntime }) =>
        workloadRuntime !== undefined && isKataRuntime(workloadRuntime)
          ? badge('info', workloadRuntime)
          : (workloadRuntime ?? 'OCIContainer'),
    },
    { label: 'Image', cell: ({ nodeImageVersion }) => html`<code>${nodeImageVersion ?? 'unknown'}</code>` },
    { label: 'Image age', className: 'bar', cell: (pool) => ageOf(of(pool)) },
    { label: 'Latest', cell: (pool) => html`<code>${latestOf(pool, of(pool))}</code>` },
    {
      label: 'Kernels',
      cell: (pool) => html`<span class="mute">${kernelsOf(of(pool))}</span>`,
    },
    { label: 'Nodes', numeric: true, cell: ({ count: nodes }) => nodes ?? 'unknown' },
    {
      label: 'State',
      cell: ({ provisioningState, powerState }) => `${provisioningState ?? 'state unknown'}, ${powerState ?? 'power unknown'}`,
    },
  ];
  return boundedTable(view, 'Node pools', columns, [{ label: '', rows: pools }], 'node pool');
}

/** For the newest image of the pool's own variant, only the release is shown. */
function latestOf({ nodeImageVersion = '' }: NodePool, images: PoolImages | undefined): string {
  if (images?.latest === undefined) return 'unknown';
  const [own, latest] = [parseNodeImage(nodeImageVersion), parseNodeImage(images.latest)];
  return latest !== undefined && latest.variant === own?.variant ? latest.release : images.latest;
}

function ageOf(images: PoolImages | undefined): Content {
  return images?.ageDays === undefined ? badge('unknown') : ageScale(images.ageDays);
}

function kernelsOf(images: PoolImages | undefined): string {
  if (images?.hostKernel === undefined) return 'not known for this image';
  if (images.guestKernel === undefined) return images.hostKernel;
  return `host ${images.hostKernel}, guest ${images.guestKernel}, Kata ${images.kataVersion ?? 'unknown'}`;
}

/** The RuntimeClasses with their handlers, and how many nodes can run a pod of each. */
export function classTable(view: View, classes: readonly RuntimeClass[], snapshot: ClusterSnapshot | undefined): Html {
  if (classes.length === 0) return empty('No RuntimeClass', 'Pods of this cluster run with the node’s default runtime.');
  const columns: readonly Column<RuntimeClass>[] = [
    { label: 'Class', cell: ({ name: text }) => name(text) },
    { label: 'Handler', cell: ({ handler }) => (KATA_HANDLERS.includes(handler) ? badge('info', handler) : handler) },
    { label: 'Nodes that take it', numeric: true, cell: (one) => takersOf(one, snapshot) },
    { label: 'Selector', cell: ({ nodeSelector }) => selectorText(nodeSelector) },
    { label: 'Overhead', cell: ({ overheadMemory }) => overheadMemory ?? '–' },
  ];
  return boundedTable(view, 'RuntimeClasses', columns, [{ label: '', rows: classes }], 'line');
}

function selectorText(selector: Readonly<Record<string, string>>): string {
  const words = Object.entries(selector).map(([key, value]) => `${key}=${value}`);
  return words.length === 0 ? 'any node' : words.join(', ');
}

/**
 * Counts the nodes that can run a pod of the class now, among those that its selector matches. A pod may have more tolerations than the
 * class.
 */
function takersOf(
  { name: className, nodeSelector, handler, tolerations = [] }: RuntimeClass,
  snapshot: ClusterSnapshot | undefined,
): Content {
  const nodes = snapshot && observedValue(snapshot.nodes);
  if (nodes === undefined) return '?';
  const groups = (snapshot && observedValue(snapshot.workloads)) ?? [];
  const tolerated = new Set(toleratedByName(groups.filter(({ runtimeClassName }) => runtimeClassName === className)));
  const selected = nodes.filter(({ labels }) => selects(nodeSelector, labels));
  const takers = selected.filter((node) => listsHandler(node, handler) !== false && whyClosed(node, tolerations, tolerated) === undefined);
  return `${number(takers.length)} of ${number(selected.length)}`;
}
