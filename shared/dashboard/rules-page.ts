import type { Verdict } from '../domain/rule/rule.ts';
import type { RuleText } from './finding-content.ts';
import { type Content, type Html, html } from './html.ts';
import type { Page } from './layout.ts';
import { badge, count, href, number, type View } from './view.ts';

/** A rule as the current policy applies it, with its results for the whole estate. */
export interface ListedRule {
  readonly rule: RuleText;
  readonly state: 'on' | 'off';
  readonly open: number;
  readonly exempted: number;
  readonly verdicts: Readonly<Record<Verdict, number>>;
}

/** The catalog of rules, failing ones first. */
export function rulesPage(view: View, rules: readonly ListedRule[]): Page {
  const sorted = rules.toSorted((a, b) => b.open - a.open || (a.rule.id < b.rule.id ? -1 : 1));
  const content = html`<h1>Rules</h1><p class="lede">${number(rules.length)} rules; each states what complies.</p><section class="card"><h2 class="sr">The catalogue</h2>${sorted.map((one) => details(view, one))}</section>`;
  return { title: 'Rules', current: '/rules', content };
}

function details(view: View, one: ListedRule): Html {
  const { rule, exempted } = one;
  const links = rule.references.map((link) => html`<li><a href="${link}" rel="noreferrer">${link}</a></li>`);
  return html`<details id="${rule.id}"><summary>${badge(rule.severity)} <strong>${rule.title}</strong> <code>${rule.id}</code> ${standing(one)}${exempted > 0 ? html` ${badge('exempted', `${number(exempted)} exempted`)}` : ''}</summary><p>${rule.rationale}</p><p><strong>Fix:</strong> ${rule.remediation}</p><ul>${links}</ul><p><a href="${href(view, '/findings', { rule: rule.id })}">${count(one.open, 'open finding')}</a>${exempted > 0 ? html` and <a href="${href(view, '/findings', { rule: rule.id, exempted: 'true' })}">${number(exempted)} exempted</a>` : ''}</p></details>`;
}

/** Only judged rules are green: a rule that is off, judged nothing or could not judge says so. */
function standing({ state, open, verdicts }: ListedRule): Content {
  if (open > 0) return badge('fail', `${number(open)} open`);
  if (state === 'off') return badge('info', 'off');
  const unknown = verdicts.unknown > 0 ? html` ${badge('unknown', `${number(verdicts.unknown)} could not be judged`)}` : '';
  if (verdicts.pass > 0) return html`${badge('pass', `${number(verdicts.pass)} pass`)}${unknown}`;
  return verdicts.unknown > 0 ? unknown : badge('info', 'judged nothing');
}
