import type { Finding, HistoryEntry } from '../domain/findings/finding.ts';
import { subjectLabel } from '../domain/findings/finding-text.ts';
import type { Exemption } from '../domain/policy/policy.ts';
import type { RuleDefinition } from '../domain/rule/rule.ts';
import { type Content, type Html, html } from './html.ts';
import type { Page } from './layout.ts';
import { copyable } from './table.ts';
import { ago, badge, empty, href, name, type View, when } from './view.ts';

/** What the page shows of a rule. */
export type RuleText = Pick<RuleDefinition, 'id' | 'title' | 'severity' | 'rationale' | 'remediation' | 'references'>;

/** What a finding's page shows. */
export interface FindingData {
  readonly finding: Finding;
  readonly rule?: RuleText;
  readonly history: readonly HistoryEntry[];
  readonly exemption?: Exemption;
}

/** One finding: the statement, the evidence, why it matters, the exact fix, its history, its exemption. */
export function findingPage(view: View, { finding, rule, history, exemption }: FindingData): Page {
  const { severity, status, ruleId, clusterId, clusterName, subject } = finding;
  const marks = html`${badge(status)} ${badge(severity)} ${finding.stale === true ? badge('stale', 'not seen in the newest scan') : ''} ${exemption === undefined ? '' : badge('exempted')}`;
  const content = html`<p><a href="${href(view, '/findings')}">← Findings</a></p><h1>${name(subjectLabel(subject))}</h1><p class="lede">${marks} <a href="${href(view, '/cluster', { id: clusterId })}">${name(clusterName)}</a> · ${ruleId}</p>
<div class="grid"><section class="card span7"><h2>What was seen</h2><p>${finding.message}</p>${facts(finding)}</section>
<section class="card span5"><h2>Why it matters</h2><p>${rule?.rationale ?? 'This rule is no longer part of the catalogue.'}</p>${references(rule)}</section>
<section class="card span7"><h2>How to fix it</h2><p>${finding.remediation}</p>${commands(finding)}</section>
<section class="card span5"><h2>Life</h2>${life(view, finding)}</section>
<section class="card span7"><h2>History</h2>${entries(history)}</section>
<section class="card span5"><h2>Exemption</h2>${exempt(view, finding, exemption)}</section></div>`;
  return { title: `${ruleId}: ${subjectLabel(subject)}`, current: '/findings', content };
}

function facts({ facts: known, coverage }: Finding): Html {
  const rows = Object.entries(known).map(
    ([key, value]) => html`<dt>${key}</dt><dd>${typeof value === 'object' ? value.join(', ') : String(value)}</dd>`,
  );
  const seen = coverage.kind === 'full' ? 'everything there was to see' : coverage.kind === 'sample' ? 'a sample' : coverage.message;
  return html`<h3>Evidence</h3><dl class="facts">${rows}<dt>Coverage</dt><dd>${seen}</dd></dl>`;
}

/** One box a command, so that a deletion is never copied along with what comes before it. */
function commands({ commands: all = [] }: Finding): readonly Html[] {
  return all.map(
    ({ run, deletes }, at) => html`${deletes ? html`<p>${badge('fail', 'deletes')}</p>` : ''}${copyable(`fix-${at + 1}`, run)}`,
  );
}

function references(rule: RuleText | undefined): Content {
  if (rule === undefined || rule.references.length === 0) return '';
  return html`<ul>${rule.references.map((link) => html`<li><a href="${link}" rel="noreferrer">${link}</a></li>`)}</ul>`;
}

function life(view: View, finding: Finding): Html {
  const closed =
    finding.resolvedAt === undefined
      ? ''
      : html`<dt>Resolved</dt><dd>${when(finding.resolvedAt)} (${finding.resolution ?? 'unknown'})</dd>`;
  return html`<dl class="facts"><dt>First seen</dt><dd>${when(finding.firstSeenAt)} (${ago(view, finding.firstSeenAt)})</dd><dt>Last seen</dt><dd>${when(finding.lastSeenAt)}</dd>${closed}<dt>Reopened</dt><dd>${finding.reopenCount} times</dd><dt>Id</dt><dd><code>${finding.id}</code></dd></dl>`;
}

function entries(history: readonly HistoryEntry[]): Html {
  if (history.length === 0) return empty('No history', 'It is kept for as long as the retention setting says.');
  return html`<ol class="timeline">${history.map(
    ({ at, kind, severity, message, cause }) =>
      html`<li class="${kind === 'resolved' ? 'pass' : severity}">${when(at)} ${badge(kind === 'resolved' ? 'resolved' : severity, kind)}<br>${message}<br><span class="mute">by ${cause}</span></li>`,
  )}</ol>`;
}

function exempt(view: View, { id, ruleId, clusterName, subject }: Finding, exemption: Exemption | undefined): Html {
  if (exemption !== undefined) {
    return html`<dl class="facts"><dt>Category</dt><dd>${exemption.category}</dd><dt>Reason</dt><dd>${exemption.reason}</dd><dt>Approved by</dt><dd>${exemption.approvedBy}</dd><dt>Until</dt><dd>${when(exemption.expiresOn)}</dd></dl>`;
  }
  if (!view.operator) return empty('Not exempted', 'An operator may exempt it, with a reason and an end.');
  const api = { ...view, base: view.base.replace(/\/dashboard$/, '') };
  const scope =
    subject.kind === 'workload'
      ? html`<input type="hidden" name="namespace" value="${subject.namespace}"><input type="hidden" name="workload" value="${subject.ownerName}">`
      : '';
  return html`<form class="stack" data-method="PUT" action="${href(api, `/exemptions/${encodeURIComponent(`finding-${id}`)}`)}"><input type="hidden" name="rule" value="${ruleId}"><input type="hidden" name="cluster" value="${clusterName}">${scope}<label>Category<select name="category"><option value="waiver">waiver: the risk is accepted</option><option value="mitigated">mitigated in another way</option></select></label><label>Reason<textarea name="reason" required maxlength="1000" rows="3"></textarea></label><label>Approved by<input name="approvedBy" required maxlength="200"></label><label>Until<input type="date" name="expiresOn" required></label><p><button>Exempt</button></p><p role="status" class="mute"></p></form>`;
}
