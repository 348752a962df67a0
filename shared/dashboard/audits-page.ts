import { type Content, type Html, html } from './html.ts';
import type { Page } from './layout.ts';
import { liveAudit } from './live-audit.ts';
import { type Column, plainTable } from './table.ts';
import { apiHref, badge, count, empty, href, number, type View, when } from './view.ts';

/** One audit in the list. */
export interface ListedAudit {
  readonly id: string;
  readonly startedAt: string;
  readonly cause: string;
  /** Number of chosen clusters; absent if the whole estate was audited. */
  readonly chosen?: number;
  readonly state: 'running' | 'complete' | 'incomplete';
  /** Absent if it would have to be read from storage. */
  readonly counts?: {
    readonly planned: number;
    readonly scanned: number;
    readonly notAssessed: number;
    readonly notListed: number;
    readonly changed: number;
  };
  /** Why the audit used an older policy. */
  readonly policyProblem?: string;
  /** The previous audit in the list. */
  readonly before?: string;
}

/** The newest audits, and a button to start one. */
export function auditsPage(view: View, audits: readonly ListedAudit[], next: string | undefined): Page {
  const start = view.operator
    ? html`<form data-method="POST" action="${apiHref(view, '/audits')}"><button>Start an audit</button> <span role="status" class="mute"></span></form>`
    : '';
  const running = audits.find(({ state, counts }) => state === 'running' && counts !== undefined);
  const live = running?.counts === undefined ? '' : liveAudit(view, running.id, running.counts);
  const list =
    audits.length === 0 ? empty('No audit yet', 'The timer starts the first one.') : plainTable(view, 'Audits', columnsOf(view), audits);
  const older = next === undefined ? '' : html`<p><a href="${href(view, '/audits', { after: next })}">Older audits →</a></p>`;
  return {
    title: 'Audits',
    current: '/audits',
    content: html`<div class="head"><h1>Audits</h1>${start}</div><p class="lede">One audit is one run over the whole estate, or over chosen clusters.</p>${live}<section class="card"><h2 class="sr">List</h2>${list}${older}</section>`,
  };
}

function columnsOf(view: View): readonly Column<ListedAudit>[] {
  return [
    { label: 'Started', cell: ({ id, startedAt }) => html`<a href="${href(view, '/audit', { id })}">${when(startedAt)}</a>` },
    { label: 'State', cell: (audit) => html`${stateBadge(audit)} ${policyMark(audit)}` },
    { label: 'Cause', cell: ({ cause, chosen }) => (chosen === undefined ? cause : `${cause}: ${count(chosen, 'cluster')}`) },
    {
      label: 'Clusters',
      numeric: true,
      cell: ({ counts }) => (counts === undefined || counts.planned === 0 ? '?' : `${number(counts.scanned)} of ${number(counts.planned)}`),
    },
    {
      label: 'Gaps',
      numeric: true,
      cell: (audit) => partLink(view, audit, 'gaps', ({ notAssessed, notListed }) => notAssessed + notListed),
    },
    { label: 'Changes', numeric: true, cell: (audit) => partLink(view, audit, 'changes', ({ changed }) => changed) },
    {
      label: 'Compare',
      cell: ({ id, before }) =>
        before === undefined ? '–' : html`<a href="${href(view, '/audit', { id, from: before })}">with the one before</a>`,
    },
  ];
}

/** A number that links to the matching part of the audit's page. */
function partLink(
  view: View,
  { id, counts }: ListedAudit,
  part: 'gaps' | 'changes',
  of: (counts: NonNullable<ListedAudit['counts']>) => number,
): Content {
  return counts === undefined ? '?' : html`<a href="${href(view, '/audit', { id })}#${part}">${number(of(counts))}</a>`;
}

/** A complete audit with gaps is not green: the badge shows how much could not be read. */
export function stateBadge({ state, counts }: Pick<ListedAudit, 'state' | 'counts'>): Html {
  if (state === 'running') return badge('transition', 'running');
  if (state === 'incomplete') return badge('high', 'incomplete');
  return counts !== undefined && counts.notAssessed + counts.notListed > 0
    ? badge('unknown', 'complete, with gaps')
    : badge('pass', 'complete');
}

/** A mark for an audit that used an older policy, with the reason. */
export function policyMark({ policyProblem }: Pick<ListedAudit, 'policyProblem'>): Content {
  return policyProblem === undefined ? '' : html`${badge('unknown', 'by the last good policy')} <span class="mute">${policyProblem}</span>`;
}
