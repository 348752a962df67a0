import type { Finding, HistoryEntry } from '../domain/findings/finding.ts';
import type { ClusterSummary } from '../domain/findings/summary.ts';
import type { IsolationEvidence } from '../domain/isolation/isolation-step.ts';
import { isAksManaged } from '../domain/isolation/kata-evidence.ts';
import { isKataRuntime } from '../domain/isolation/workload-runtime.ts';
import { KATA_HANDLERS } from '../domain/policy/policy.ts';
import { SEVERITIES } from '../domain/policy/severity.ts';
import type { Observation } from '../domain/snapshot/observation.ts';
import type { ClusterSnapshot, KubernetesNode, NodePool, PodGroup, RuntimeClass } from '../domain/snapshot/snapshot.ts';
import { ageScale } from './charts.ts';
import { clusterStatus, staleMark } from './estate-page.ts';
import { findingsTable } from './findings-page.ts';
import { type Content, type Html, html } from './html.ts';
import { poolSteps, proofTable, stepCell } from './isolation.ts';
import type { Page } from './layout.ts';
import { type Column, dataTable } from './table.ts';
import { ago, badge, count, empty, href, name, type View, when } from './view.ts';

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

/** What a cluster's page shows. */
export interface ClusterData {
  readonly summary: ClusterSummary;
  /** Absent when the newest look has not been stored yet. */
  readonly snapshot?: ClusterSnapshot;
  readonly images: readonly PoolImages[];
  readonly workloads: readonly WorkloadStep[];
  readonly findings: readonly Finding[];
  /** Ids of open findings that a live exemption covers: the summary does not count them. */
  readonly exempted: ReadonlySet<string>;
  /** From so many audits on that could not look at it, it is shown as stale. */
  readonly staleAfterAudits: number;
  readonly history: readonly HistoryEntry[];
}

/** Worst first. */
function bySeverity(a: Finding, b: Finding): number {
  return SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity);
}

/** One cluster: its pools, classes, workloads, proof, findings and history. */
export function clusterPage(view: View, data: ClusterData): Page {
  const { summary, snapshot } = data;
  const { cluster } = summary;
  const content = html`<p><a href="${href(view, '')}">← Estate</a></p><h1>${name(cluster.name)}</h1><p class="lede">${badge(clusterStatus(summary), clusterStatus(summary).replace('-', ' '))} ${cluster.location} · Kubernetes ${summary.settings?.kubernetesVersion ?? 'unknown'} · ${channel(summary)} · last looked ${ago(view, summary.observedAt)} ${staleMark(summary, data)}</p><p class="mute"><code>${cluster.id}</code></p>
${gaps(summary)}<div class="grid"><section class="card span12"><h2>Open findings</h2>${findingsTable(
    view,
    data.findings.filter(({ status }) => status === 'open').toSorted(bySeverity),
    false,
    data.exempted,
  )}</section>
<section class="card span12"><h2>Node pools</h2>${part(snapshot?.nodePools, (pools) => poolTable(view, pools, data.images))}</section>
<section class="card span6"><h2>RuntimeClasses</h2>${part(snapshot?.runtimeClasses, (classes) => classTable(view, classes, snapshot))}</section>
<section class="card span6"><h2>Kernels: is it really another one?</h2>${part(snapshot?.isolationProofs, (proofs) => proofTable(view, proofs, snapshot))}</section>
<section class="card span12"><h2>Kata pools: how far the evidence reaches</h2>${poolSteps(view, snapshot)}</section>
<section class="card span12"><h2>Workloads</h2>${part(snapshot?.workloads, () => workloadTable(view, data.workloads))}</section>
<section class="card span12"><h2>History</h2>${timeline(view, data.history)}</section></div>`;
  return { title: cluster.name, current: '', content };
}

function channel({ settings }: ClusterSummary): Content {
  if (settings === undefined) return 'settings not seen';
  return html`node OS channel ${settings.nodeOsUpgradeChannel ?? 'default'}, upgrade channel ${settings.upgradeChannel ?? 'none'}`;
}

function gaps({ gaps: found }: ClusterSummary): Html {
  if (found.length === 0) return html``;
  return html`<section class="card gap"><h2>Could not be looked at</h2><ul>${found.map(({ evidence, reason }) => html`<li>${badge('unknown', evidence)} ${reason.message} <span class="mute">(${reason.code})</span></li>`)}</ul></section><br>`;
}

/** A part of the snapshot, or the reason why it was not seen. */
function part<T>(observation: Observation<T> | undefined, show: (value: T) => Html): Html {
  if (observation === undefined) return empty('Not looked at yet', 'The next scan fills this in.');
  if (observation.state === 'unavailable') {
    const title = observation.reason.code === 'not-asked' ? 'Not asked for' : 'Could not look';
    return empty(title, html`${observation.reason.message} <span class="mute">(${observation.reason.code})</span>`);
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

function poolTable(view: View, pools: readonly NodePool[], images: readonly PoolImages[]): Html {
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
  return dataTable(view, 'Node pools', columns, pools);
}

function ageOf(images: PoolImages | undefined): Content {
  return images?.ageDays === undefined ? badge('unknown') : ageScale(images.ageDays);
}

function kernelsOf(images: PoolImages | undefined): string {
  if (images?.hostKernel === undefined) return 'not known for this image';
  if (images.guestKernel === undefined) return images.hostKernel;
  return `${images.hostKernel}, ${images.guestKernel}, Kata ${images.kataVersion ?? 'unknown'}`;
}

function classTable(view: View, classes: readonly RuntimeClass[], snapshot: ClusterSnapshot | undefined): Html {
  if (classes.length === 0) return empty('No RuntimeClass', 'Pods of this cluster run with the node’s default runtime.');
  const nodes = snapshot?.nodes.state === 'observed' ? snapshot.nodes.value : undefined;
  const columns: readonly Column<RuntimeClass>[] = [
    { label: 'Class', cell: ({ name: text }) => name(text) },
    { label: 'Handler', cell: ({ handler }) => (KATA_HANDLERS.includes(handler) ? badge('info', handler) : handler) },
    { label: 'Schedulable nodes', numeric: true, cell: (one) => (nodes === undefined ? badge('unknown') : schedulable(one, nodes)) },
    { label: 'Overhead', cell: ({ overheadMemory }) => overheadMemory ?? '–' },
  ];
  return dataTable(view, 'RuntimeClasses', columns, classes);
}

/** Ready nodes that match the class's selector. */
function schedulable({ nodeSelector }: RuntimeClass, nodes: readonly KubernetesNode[]): number {
  return nodes.filter(({ ready, labels }) => ready && Object.entries(nodeSelector).every(([key, value]) => labels[key] === value)).length;
}

function workloadTable(view: View, workloads: readonly WorkloadStep[]): Html {
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
  const shown = workloads.slice(0, 500);
  const more =
    workloads.length > shown.length ? html`<p class="mute">and ${count(workloads.length - shown.length, 'workload')} more</p>` : '';
  return html`${dataTable(view, 'Workloads', columns, shown)}${more}`;
}

function timeline(view: View, history: readonly HistoryEntry[]): Html {
  if (history.length === 0) return empty('No history yet', 'Findings that open, change or close are written here.');
  return html`<ol class="timeline">${history.map(
    (entry) =>
      html`<li class="${entry.kind === 'resolved' ? 'pass' : entry.severity}">${when(entry.at)} ${badge(entry.kind === 'resolved' ? 'resolved' : entry.severity, entry.kind)} <a href="${href(view, '/finding', { id: entry.findingId })}">${entry.ruleId}</a><br><span class="mute">${entry.message}</span></li>`,
  )}</ol>`;
}
