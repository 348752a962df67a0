import type { Finding, HistoryEntry } from '../domain/findings/finding.ts';
import { seenText, subjectLabel } from '../domain/findings/finding-text.ts';
import { lastDayOf } from '../domain/policy/exemption-schema.ts';
import type { Exemption } from '../domain/policy/policy.ts';
import type { RuleDefinition } from '../domain/rule/rule.ts';
import { type Content, type Html, html } from './html.ts';
import { copyable } from './table.ts';
import { ago, badge, count, empty, href, name, type View, when } from './view.ts';

/** The parts of a rule that are shown. */
export type RuleText = Pick<RuleDefinition, 'id' | 'title' | 'severity' | 'rationale' | 'remediation' | 'references'>;

/** The content of one finding. */
export interface FindingData {
  readonly finding: Finding;
  readonly rule?: RuleText;
  readonly history: readonly HistoryEntry[];
  readonly exemption?: Exemption;
  readonly dueOn?: string;
  readonly overdue: boolean;
}

/** One finding: what was found, how to fix it, why it matters, its history and its exemption. The caller adds the heading. */
export function findingContent(view: View, data: FindingData): Html {
  const { finding, rule, history } = data;
  const { ruleId, clusterId, clusterName, severity, status } = finding;
  return html`<p class="marks">${badge(status)} ${badge(severity)} ${data.overdue ? badge('critical', 'overdue') : ''} ${finding.stale === true ? badge('stale', 'not seen in the newest scan') : ''} ${data.exemption === undefined ? '' : badge('exempted')} <a href="${href(view, '/cluster', { id: clusterId })}">${name(clusterName)}</a> · <a href="${href(view, '/rules')}#${ruleId}">${ruleId}</a></p>
<p class="said">${finding.message}</p>
<h3>How to fix it</h3><p>${finding.remediation}</p>${commands(finding)}
<h3>Evidence</h3>${facts(finding)}
<h3>Why it matters</h3><p>${rule?.rationale ?? 'This rule is no longer part of the catalogue.'}</p>${references(rule)}
<h3>Life</h3>${life(view, data)}${entries(history)}
<h3>Exemption</h3>${exemption(view, data)}
<p class="actions"><button type="button" class="quiet" data-copy-link>Copy link</button></p>`;
}

/** The name of a finding's subject. */
export function findingTitle({ subject }: Finding): Html {
  return name(subjectLabel(subject));
}

/**
 * One box per command, so that a deletion is never copied together with other commands; a deletion is folded, and its button asks for
 * confirmation.
 */
function commands({ commands: all = [], id, clusterName }: Finding): Content {
  return all.map(({ run, deletes, context }, at) => {
    const where = context === undefined ? '' : html` in the context <code>${context}</code>`;
    const heading = html`<p class="step">${all.length === 1 ? 'Run' : `${at + 1}. Run`}${where} ${deletes ? badge('fail', 'deletes') : ''}</p>`;
    const question = deletes ? `It deletes something in ${clusterName}: copy it` : undefined;
    const box = copyable(`fix-${id.slice(-8)}-${at + 1}`, run, question);
    return deletes
      ? html`<details class="deletes"><summary>Show command ${at + 1}: it deletes something</summary>${heading}${box}</details>`
      : html`${heading}${box}`;
  });
}

function facts({ facts: known, coverage, ruleId }: Finding): Html {
  const rows = Object.entries(known).map(
    ([key, value]) => html`<dt>${key}</dt><dd>${typeof value === 'object' ? value.join(', ') : linked(key, String(value))}</dd>`,
  );
  return html`<dl class="facts">${rows}<dt>Coverage</dt><dd>${seenText({ ruleId, coverage })}</dd></dl>`;
}

/** Facts that a rule provides as an address; no other text of a finding becomes a link. */
const ADDRESSES: ReadonlySet<string> = new Set(['vulnerabilitySource']);

function linked(key: string, value: string): Content {
  if (!ADDRESSES.has(key) || !value.startsWith('https://')) return value;
  return html`<a href="${value}" rel="noreferrer">${value}</a>`;
}

function references(rule: RuleText | undefined): Content {
  if (rule === undefined || rule.references.length === 0) return '';
  return html`<ul class="plain">${rule.references.map((link) => html`<li><a href="${link}" rel="noreferrer">${link}</a></li>`)}</ul>`;
}

function life(view: View, { finding, dueOn, overdue }: FindingData): Html {
  const { firstSeenAt, lastSeenAt, resolvedAt, resolution, reopenCount, owner, id } = finding;
  const closed = resolvedAt === undefined ? '' : html`<dt>Resolved</dt><dd>${when(resolvedAt)} (${resolution ?? 'unknown'})</dd>`;
  const due = dueOn === undefined ? '' : html`<dt>Due</dt><dd>${dueOn} ${overdue ? badge('critical', 'overdue') : ''}</dd>`;
  return html`<dl class="facts"><dt>Owner</dt><dd>${owner === undefined ? 'unassigned' : name(owner)}</dd>${due}<dt>First seen</dt><dd>${when(firstSeenAt)} (${ago(view, firstSeenAt)})</dd><dt>Last seen</dt><dd>${when(lastSeenAt)}</dd>${closed}<dt>Reopened</dt><dd>${count(reopenCount, 'time')}</dd><dt>Id</dt><dd><code>${id}</code></dd></dl>`;
}

function entries(history: readonly HistoryEntry[]): Html {
  if (history.length === 0) return html`<p class="mute">Its history is older than the retention period of the policy.</p>`;
  return html`<ol class="timeline">${history.map(
    ({ at, kind, severity, message }) =>
      html`<li class="${kind === 'resolved' ? 'pass' : severity}">${when(at)} ${badge(kind === 'resolved' ? 'resolved' : severity, kind)} <span class="mute">${message}</span></li>`,
  )}</ol>`;
}

function exemption(view: View, { finding, exemption: given }: FindingData): Html {
  if (given !== undefined) {
    return html`<dl class="facts"><dt>Category</dt><dd>${given.category}</dd><dt>Reason</dt><dd>${given.reason}</dd><dt>Approved by</dt><dd>${given.approvedBy}</dd><dt>Through</dt><dd>${lastDayOf(given.expiresOn)}</dd></dl><p><a href="${href(view, '/exemptions')}#${given.id}">Renew or end it</a></p>`;
  }
  if (finding.status !== 'open') return html`<p class="mute">A resolved finding cannot be exempted.</p>`;
  if (!view.operator) return empty('Not exempted', 'An operator may exempt it, with a reason and an end.');
  return html`<p><a class="button quiet" href="${href(view, '/exempt', { id: finding.id })}">Exempt …</a></p>`;
}
