import type { RuleText } from './finding-page.ts';
import { type Html, html } from './html.ts';
import type { Page } from './layout.ts';
import { type Column, dataTable } from './table.ts';
import { badge, empty, href, type View, when } from './view.ts';

/** Findings by rule. */
type ByRule = ReadonlyMap<string, number>;

/** The catalogue, with how many findings of each rule are open, and how many more are exempted. */
export function rulesPage(view: View, rules: readonly RuleText[], open: ByRule, exempted: ByRule): Page {
  const content = html`<h1>Rules</h1><p class="lede">${rules.length} rules; each states what complies.</p><section class="card">${rules.map((rule) => ruleDetails(view, rule, open.get(rule.id) ?? 0, exempted.get(rule.id) ?? 0))}</section>`;
  return { title: 'Rules', current: '/rules', content };
}

function ruleDetails(view: View, rule: RuleText, open: number, exempted: number): Html {
  const links = rule.references.map((link) => html`<li><a href="${link}" rel="noreferrer">${link}</a></li>`);
  return html`<details id="${rule.id}"><summary>${badge(rule.severity)} <strong>${rule.title}</strong> <code>${rule.id}</code> ${open > 0 ? badge('fail', `${open} open`) : badge('pass', 'none open')}${exempted > 0 ? html` ${badge('exempted', `${exempted} exempted`)}` : ''}</summary><p>${rule.rationale}</p><p><strong>Fix:</strong> ${rule.remediation}</p><ul>${links}</ul><p><a href="${href(view, '/findings', { rule: rule.id })}">Its findings</a></p></details>`;
}

/** One exemption and how it stands. */
export interface ListedExemption {
  readonly id: string;
  readonly rule: string;
  readonly scope: string;
  readonly category: string;
  readonly reason: string;
  readonly approvedBy: string;
  readonly expiresOn: string;
  readonly state: 'matched' | 'unused' | 'expired' | 'invalid';
}

/** Every exemption with its state, so that none lives on unseen. */
export function exemptionsPage(view: View, exemptions: readonly ListedExemption[]): Page {
  const columns: readonly Column<ListedExemption>[] = [
    { label: 'State', cell: ({ state }) => badge(state === 'matched' ? 'pass' : 'unknown', state) },
    { label: 'Rule', cell: ({ rule }) => html`<a href="${href(view, '/findings', { rule })}">${rule}</a>` },
    { label: 'Scope', cell: ({ scope }) => scope },
    { label: 'Category', cell: ({ category }) => category },
    { label: 'Reason', className: 'msg', cell: ({ reason }) => reason },
    { label: 'Approved by', cell: ({ approvedBy }) => approvedBy },
    { label: 'Until', cell: ({ expiresOn }) => when(expiresOn) },
  ];
  const list =
    exemptions.length === 0
      ? empty('No exemption', 'A finding may be exempted on its page, or in the policy, with a reason and an end.')
      : dataTable(view, 'Exemptions', columns, exemptions);
  return {
    title: 'Exemptions',
    current: '/exemptions',
    content: html`<h1>Exemptions</h1><p class="lede">An exempted finding keeps telling the truth; it only no longer counts.</p><section class="card">${list}</section>`,
  };
}

/** One audit as the list shows it. */
export interface ListedAudit {
  readonly id: string;
  readonly startedAt: string;
  readonly cause: string;
  readonly planned: number;
  readonly scanned: number;
  readonly notAssessed: readonly { readonly name: string; readonly reason: string }[];
  readonly complete: boolean;
  /** The audit went by an older policy, and why. */
  readonly policyProblem?: string;
}

/** The newest audits, and a way to start one. */
export function auditsPage(view: View, audits: readonly ListedAudit[]): Page {
  const columns: readonly Column<ListedAudit>[] = [
    { label: 'Started', cell: ({ startedAt }) => when(startedAt) },
    {
      label: 'State',
      cell: ({ complete, policyProblem }) => {
        const state = complete ? badge('pass', 'complete') : badge('unknown', 'running or missing parts');
        return policyProblem === undefined ? state : html`${state} ${badge('unknown', 'by the last good policy')}<br>${policyProblem}`;
      },
    },
    { label: 'Cause', cell: ({ cause }) => cause },
    { label: 'Clusters', numeric: true, cell: ({ scanned, planned }) => `${scanned} of ${planned}` },
    {
      label: 'Not assessed',
      className: 'msg',
      cell: ({ notAssessed }) =>
        notAssessed.length === 0
          ? 'none'
          : html`<ul>${notAssessed.map(({ name, reason }) => html`<li><bdi>${name}</bdi>: ${reason}</li>`)}</ul>`,
    },
    { label: 'Id', cell: ({ id }) => html`<code>${id}</code>` },
  ];
  const api = { ...view, base: view.base.replace(/\/dashboard$/, '') };
  const start = view.operator
    ? html`<form data-method="POST" action="${href(api, '/audits')}"><button>Start an audit</button> <span role="status" class="mute"></span></form><br>`
    : '';
  const list = audits.length === 0 ? empty('No audit yet', 'The timer starts the first one.') : dataTable(view, 'Audits', columns, audits);
  return {
    title: 'Audits',
    current: '/audits',
    content: html`<h1>Audits</h1><p class="lede">One audit is one run over the whole estate.</p>${start}<section class="card">${list}</section>`,
  };
}

/** One parked message as the list shows it. */
export interface ListedParked {
  readonly id: string;
  readonly queue: string;
  readonly reason: string;
  readonly body: string;
  readonly parkedAt: string;
}

/** Messages that failed for good: to be replayed or dropped by a person. */
export function parkedPage(view: View, messages: readonly ListedParked[]): Page {
  const api = { ...view, base: view.base.replace(/\/dashboard$/, '') };
  const columns: readonly Column<ListedParked>[] = [
    { label: 'Parked', cell: ({ parkedAt }) => when(parkedAt) },
    { label: 'Queue', cell: ({ queue }) => html`<code>${queue}</code>` },
    { label: 'Why', className: 'msg', cell: ({ reason }) => reason },
    { label: 'Message', className: 'msg', cell: ({ body }) => html`<pre tabindex="0">${body.slice(0, 2000)}</pre>` },
    {
      label: 'Do',
      cell: ({ id }) =>
        view.operator
          ? html`<form data-method="POST" action="${href(api, `/parked/${encodeURIComponent(id)}/replay`)}"><button class="quiet">Replay</button> <span role="status"></span></form><form data-method="DELETE" action="${href(api, `/parked/${encodeURIComponent(id)}`)}"><button class="quiet">Drop</button> <span role="status"></span></form>`
          : '–',
    },
  ];
  const list =
    messages.length === 0
      ? empty('Nothing is parked', 'A message that fails five times comes here instead of being lost.')
      : dataTable(view, 'Parked messages', columns, messages);
  return {
    title: 'Parked messages',
    current: '/parked',
    content: html`<h1>Parked messages</h1><p class="lede">Work that failed for good, kept until somebody decides.</p><section class="card">${list}</section>`,
  };
}

/** What went wrong, for a person. */
export function problemPage(title: string, detail: string): Page {
  return { title, current: undefined, content: html`<h1>${title}</h1><p class="lede">${detail}</p>` };
}
