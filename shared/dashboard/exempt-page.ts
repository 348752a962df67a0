import type { Finding } from '../domain/findings/finding.ts';
import { subjectLabel } from '../domain/findings/finding-text.ts';
import { type ExemptionScope, scopeOf } from '../domain/policy/exemption.ts';
import { type Content, type Html, html } from './html.ts';
import type { Page } from './layout.ts';
import { apiHref, count, href, name, number, type View } from './view.ts';

/** A scope to select, with what it would cover now. */
export interface ScopeChoice {
  readonly label: string;
  readonly scope: ExemptionScope;
  readonly covers: number;
}

/** The findings to exempt: one with its scopes, or several, each on its own. */
export interface ExemptData {
  readonly findings: readonly Finding[];
  /** The narrowest first; only for one finding. */
  readonly scopes: readonly ScopeChoice[];
  /** Number of ids without an open finding. */
  readonly unknown: number;
}

/** A form for the scope, reason and end of an exemption, which shows how much it covers before it is saved. */
export function exemptPage(view: View, { findings, scopes, unknown }: ExemptData): Page {
  const [only] = findings;
  const lost =
    unknown === 0
      ? ''
      : html`<p class="alert">${count(unknown, 'chosen finding')} ${unknown === 1 ? 'is' : 'are'} no longer open and left out.</p>`;
  const heading =
    findings.length === 1 && only !== undefined
      ? html`Exempt ${name(subjectLabel(only.subject))}`
      : html`Exempt ${count(findings.length, 'finding')}`;
  const content = html`<p><a href="${href(view, '/findings')}">← Findings</a></p><h1>${heading}</h1>${lost}<section class="card reading"><h2 class="sr">The exemption</h2>${findings.length === 0 ? html`<p>Nothing is left to exempt.</p>` : form(view, findings, scopes)}</section>`;
  return { title: 'Exempt', current: '/exemptions', content };
}

function form(view: View, findings: readonly Finding[], scopes: readonly ScopeChoice[]): Html {
  return html`<form class="stack" data-exempt data-next="${href(view, '/exemptions')}" data-base="${apiHref(view, '/exemptions')}" method="post" action="${apiHref(view, '/exemptions')}">${scopes.length > 0 ? scopeChoice(findings, scopes) : bulk(findings)}<label>Category<select name="category"><option value="waiver">waiver: the risk is accepted</option><option value="mitigated">mitigated in another way</option></select></label><label>Reason<textarea name="reason" required maxlength="2000" rows="3"></textarea></label><label>Approved by<input name="approvedBy" required maxlength="200"></label><label>Through, that day included<input type="date" name="expiresOn" required></label><p class="actions"><button>Exempt</button> <span role="status" class="mute"></span></p></form>`;
}

/** The narrowest scope is preselected; a broader one must be selected, and shows what it covers. */
function scopeChoice(findings: readonly Finding[], scopes: readonly ScopeChoice[]): Content {
  const [only] = findings;
  if (only === undefined) return '';
  return html`<fieldset><legend>What it covers: rule ${only.ruleId}</legend>${scopes.map(
    ({ label, scope, covers }, at) =>
      html`<label class="check"><input type="radio" name="scope" value="${JSON.stringify({ id: at === 0 ? `finding-${only.id}` : undefined, rule: only.ruleId, ...scope })}"${at === 0 ? html` checked` : ''}><span>${label}</span><span class="mute">covers ${count(covers, 'finding')}</span></label>`,
  )}</fieldset>`;
}

function bulk(findings: readonly Finding[]): Html {
  return html`<fieldset><legend>Each gets an exemption of its own: ${number(findings.length)} in all</legend><ul class="plain">${findings.map(
    (finding) =>
      html`<li><input type="hidden" name="scope" value="${JSON.stringify(bodyOf(finding))}">${finding.ruleId}: ${name(subjectLabel(finding.subject))} <span class="mute">${name(finding.clusterName)}</span></li>`,
  )}</ul></fieldset>`;
}

/** The narrowest exemption of a finding, as the script sends it. */
function bodyOf(finding: Finding): object {
  return { id: `finding-${finding.id}`, rule: finding.ruleId, ...scopeOf(finding) };
}
