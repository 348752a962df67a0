import { total } from '../domain/findings/estate-figures.ts';
import type { HistoryEntry } from '../domain/findings/finding.ts';
import type { ClusterSummary } from '../domain/findings/summary.ts';
import type { Severity } from '../domain/policy/severity.ts';
import type { RuleRun, Verdict } from '../domain/rule/rule.ts';
import { gapAdvice } from '../domain/snapshot/gap-advice.ts';
import type { ClusterSnapshot } from '../domain/snapshot/snapshot.ts';
import { classTable, type PoolImages, part, poolTable } from './cluster-tables.ts';
import { nodeTable, type WorkloadStep, workloadTable } from './cluster-workloads.ts';
import { staleMark } from './estate-clusters.ts';
import type { FindingRow } from './findings-data.ts';
import { clusterFindings } from './findings-page.ts';
import { type Content, type Html, html } from './html.ts';
import { poolSteps, proofTable } from './isolation.ts';
import type { Page } from './layout.ts';
import { startedAudit } from './live-audit.ts';
import { markBadges, marksOf } from './marks.ts';
import { ago, apiHref, badge, count, empty, href, name, number, type View, when } from './view.ts';

/** A rule with its verdicts for this cluster. */
export interface RuleVerdict {
  readonly rule: string;
  readonly title: string;
  readonly severity: Severity;
  /** Result of the newest scan; absent until it is stored. */
  readonly run?: RuleRun;
  /** Number of open findings without exempted ones. */
  readonly open: number;
}

/** The content of a cluster's page. */
export interface ClusterData {
  readonly summary: ClusterSummary;
  /** Absent until the newest scan is stored. */
  readonly snapshot?: ClusterSnapshot;
  readonly images: readonly PoolImages[];
  readonly workloads: readonly WorkloadStep[];
  readonly rules: readonly RuleVerdict[];
  /** The most severe open findings. */
  readonly findings: readonly FindingRow[];
  readonly open: number;
  readonly hidden: number;
  /** Number of consecutive failed audits after which the cluster is shown as stale. */
  readonly staleAfterAudits: number;
  readonly history: readonly HistoryEntry[];
}

/** The page of one cluster: failures, parts that could not be read, every rule, its parts and its history. */
export function clusterPage(view: View, data: ClusterData): Page {
  const { summary, snapshot } = data;
  const { cluster } = summary;
  const content = html`<p><a href="${href(view, '')}">← Estate</a></p><div class="head"><h1>${name(cluster.name)}</h1>${rescan(view, cluster.id)}${view.operator ? startedAudit() : ''}</div><p class="lede">${markBadges(marksOf(summary))} ${badges(data)} ${staleMark(summary, data)}</p>${about(view, summary)}${gaps(summary)}
<section class="card" id="findings"><h2>${openText(summary, data.open)}${data.hidden === 0 ? '' : html` <small>and <a href="${href(view, '/findings', { cluster: cluster.id, exempted: 'true' })}">${number(data.hidden)} exempted</a></small>`}</h2>${clusterFindings(view, data.findings, data.open, summary)}</section>
<section class="card" id="rules"><h2>Rules</h2>${ruleList(view, cluster.id, data.rules)}</section>
<section class="card"><h2>Node pools</h2>${part(snapshot?.nodePools, (pools) => poolTable(view, pools, data.images))}</section>
<div class="columns even"><section class="card"><h2>RuntimeClasses</h2>${part(snapshot?.runtimeClasses, (classes) => classTable(view, classes, snapshot))}</section>
<section class="card"><h2>Kernels of pods and nodes</h2>${part(snapshot?.isolationProofs, (proofs) => proofTable(view, proofs, snapshot))}</section></div>
<section class="card"><h2>Kata pools: how far the evidence reaches</h2>${poolSteps(view, snapshot)}</section>
<section class="card"><h2>Workloads</h2>${part(snapshot?.workloads, () => workloadTable(view, data.workloads))}</section>
<section class="card"><h2>Nodes</h2>${part(snapshot?.nodes, (nodes) => nodeTable(view, nodes))}</section>
<section class="card"><h2>History of 30 days</h2>${timeline(view, data.history)}</section>`;
  return { title: cluster.name, current: '', content };
}

function badges({ summary }: ClusterData): Content {
  const open = total(summary.openBySeverity);
  return open === 0 ? '' : badge('info', count(open, 'open finding'));
}

/** In a cluster that was not fully read, finding none does not mean that there are none. */
function openText(summary: ClusterSummary, open: number): Content {
  if (!marksOf(summary).blind) return count(open, 'open finding');
  return open === 0 ? '? open findings' : html`${count(open, 'open finding')} <span class="mute">and parts that could not be read</span>`;
}

function rescan(view: View, id: string): Content {
  if (!view.operator) return '';
  return html`<form data-method="POST" data-clusters="${id}" action="${apiHref(view, '/audits')}"><button class="quiet">Scan this cluster again</button> <span role="status" class="mute"></span></form>`;
}

function about(view: View, { cluster, settings, observedAt, lastAssessedAt }: ClusterSummary): Html {
  const tags = Object.entries(cluster.tags).map(([key, value]) => html`<span class="chip">${key}=${value}</span> `);
  const portal = cluster.id.startsWith('/subscriptions/')
    ? html`<a href="https://portal.azure.com/#@/resource${cluster.id}" rel="noreferrer">Azure portal</a>`
    : '';
  const channels =
    settings === undefined ? '?' : `node OS ${settings.nodeOsUpgradeChannel ?? 'default'}, cluster ${settings.upgradeChannel ?? 'none'}`;
  const facts: readonly (readonly [string, Content, wide?: boolean])[] = [
    ['Kubernetes', settings?.kubernetesVersion ?? '?'],
    ['Upgrade channels', channels],
    ['Resource group', name(cluster.resourceGroup)],
    ['Location', cluster.location === '' ? '?' : cluster.location],
    ['Last scan', ago(view, observedAt)],
    ['Last full scan', lastAssessedAt === undefined ? 'never' : ago(view, lastAssessedAt)],
    ['Tags', tags.length === 0 ? 'none' : tags, tags.length > 0],
    ['Id', html`<code>${cluster.id}</code> ${portal}`, true],
  ];
  return html`<dl class="facts across">${facts.map(([label, value, wide]) => html`<div${wide === true ? html` class="wide"` : ''}><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** Each reason once, with the affected parts and its remedy. */
function gaps({ gaps: found }: ClusterSummary): Content {
  if (found.length === 0) return '';
  const reasons = [...Map.groupBy(found, ({ reason }) => `${reason.code}\n${reason.message}`).values()];
  return html`<section class="card gap" id="gaps"><h2>Could not be seen</h2><ul class="plain">${reasons.map((some) => {
    const reason = some[0]?.reason;
    if (reason === undefined) return '';
    return html`<li>${badge('unknown', reason.code)} ${[...new Set(some.map(({ evidence }) => evidence))].join(', ')}: ${reason.message} <span class="mute">${gapAdvice(reason.code)}</span></li>`;
  })}</ul></section>`;
}

/** Maximum number of rules without a verdict that are not folded; more of them mostly have one cause, which is shown above. */
const FEW_UNKNOWN = 6;

/** Rules that fail or could not be judged come first; those that pass are folded. */
function ruleList(view: View, clusterId: string, rules: readonly RuleVerdict[]): Html {
  const of = (wanted: string) => rules.filter((one) => verdictOf(one) === wanted);
  const rows = (some: readonly RuleVerdict[]) =>
    some.length === 0 ? '' : html`<ol class="rows">${some.map((one) => ruleRow(view, clusterId, one))}</ol>`;
  const folded = (label: Content, some: readonly RuleVerdict[]) =>
    some.length === 0 ? '' : html`<details><summary>${number(some.length)} ${label}</summary>${rows(some)}</details>`;
  const unknown = of('unknown');
  const isFew = unknown.length <= FEW_UNKNOWN;
  return html`${rows([...of('fail'), ...(isFew ? unknown : [])])}${isFew ? '' : folded(badge('unknown', 'could not be judged'), unknown)}${folded('pass', of('pass'))}${folded('do not apply here', of('not-applicable'))}${folded('off', of('off'))}`;
}

function ruleRow(view: View, clusterId: string, one: RuleVerdict): Html {
  const verdict = verdictOf(one);
  const open =
    one.open === 0 ? '' : html`<a href="${href(view, '/findings', { cluster: clusterId, rule: one.rule })}">${number(one.open)} open</a>`;
  return html`<li>${badge(verdict === 'fail' ? one.severity : verdict, verdict)}<a href="${href(view, '/rules')}#${one.rule}">${one.rule}</a><span>${open}</span><span class="mute">${whyOf(one)}</span></li>`;
}

/** The worst verdict of a rule on any part of the cluster. */
function verdictOf({ run, open }: RuleVerdict): Verdict | 'off' {
  if (open > 0) return 'fail';
  if (run === undefined) return 'unknown';
  if (run.state === 'off') return 'off';
  if (run.state !== 'judged') return 'unknown';
  const verdicts = new Set(run.judgements.map(({ verdict }) => verdict));
  if (verdicts.size === 0) return 'not-applicable';
  return (['fail', 'unknown', 'pass', 'not-applicable'] as const).find((verdict) => verdicts.has(verdict)) ?? 'unknown';
}

function whyOf({ run, title }: RuleVerdict): string {
  if (run === undefined) return 'not judged yet';
  if (run.state === 'error') return run.message;
  if (run.state === 'unavailable') return `could not be judged: ${title}`;
  return title;
}

/** Number of changes shown before the older ones are folded. */
const OPEN_CHANGES = 8;

function timeline(view: View, history: readonly HistoryEntry[]): Html {
  if (history.length === 0) return empty('No history yet', 'Findings that open, change or close are written here.');
  const older = history.slice(OPEN_CHANGES);
  return html`${changeList(view, history.slice(0, OPEN_CHANGES))}${older.length === 0 ? '' : html`<details><summary>${count(older.length, 'older change')}</summary>${changeList(view, older)}</details>`}`;
}

function changeList(view: View, history: readonly HistoryEntry[]): Html {
  return html`<ol class="rows changes">${history.map(
    (entry) =>
      html`<li>${badge(entry.kind === 'resolved' ? 'resolved' : entry.severity, entry.kind)}<a href="${href(view, '/finding', { id: entry.findingId })}">${entry.ruleId}</a><span class="mute">${when(entry.at)}</span><span class="mute message">${entry.message}</span></li>`,
  )}</ol>`;
}
