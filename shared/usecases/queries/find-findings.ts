import { dueOn, isOverdue } from '../../domain/findings/due.ts';
import type { Finding } from '../../domain/findings/finding.ts';
import { overlayOf } from '../../domain/policy/exemption.ts';
import type { Exemption, Policy } from '../../domain/policy/policy.ts';
import { given } from '../../domain/snapshot/given.ts';
import { checksOf } from '../../ports/finding-filter.ts';
import type { FindingFilter, FindingStore } from '../../ports/finding-store.ts';
import { type ExemptionSources, liveExemptions } from './exemptions.ts';

/** A query for findings. */
export interface FindingQuestion extends FindingFilter {
  /** `false` leaves out findings that a live exemption covers, `true` gives only those; absent gives both. */
  readonly exempted?: boolean;
  /** Only findings past their due date. */
  readonly overdue?: boolean;
}

/** A finding with the values that are computed at query time. */
export interface FoundFinding {
  readonly finding: Finding;
  /** The live exemption that covers it. */
  readonly exemption?: Exemption;
  /** The last day on which it may still be open. */
  readonly dueOn?: string;
  readonly overdue: boolean;
}

/** All matching findings, ordered by cluster and id. */
export interface Found {
  readonly findings: readonly FoundFinding[];
  /** Number of findings left out because a live exemption covers them. */
  readonly hidden: number;
  /** False if there are more findings than one query reads; every count is then a lower bound. */
  readonly complete: boolean;
}

/** Dependencies for finding findings. */
export interface FindingSources extends ExemptionSources {
  readonly findings: Pick<FindingStore, 'list'>;
}

/** Maximum number of findings that one answer counts and sorts. */
export const MAX_FOUND = 20_000;

/** Whether a finding matches one part of a query. */
export type Part = (found: FoundFinding) => boolean;

/** Returns a function that adds to a finding what depends on the current time: its live exemption and its due date. */
export async function findingViews({ policy, ...sources }: ExemptionSources): Promise<(finding: Finding) => FoundFinding> {
  const [{ policy: inForce }, live] = await Promise.all([policy(), liveExemptions({ policy, ...sources })]);
  return viewsOf(live, inForce, sources.clock());
}

function viewsOf(live: readonly Exemption[], { dueDays }: Policy, now: Date): (finding: Finding) => FoundFinding {
  const exemptionOf = overlayOf(live);
  return (finding) => {
    const exemption = exemptionOf(finding);
    const due = dueOn(finding, dueDays);
    return {
      finding,
      ...given({ exemption, dueOn: due }),
      overdue: isOverdue(finding, dueDays, now),
    };
  };
}

/** Returns all findings that match a query, up to a limit. Open findings are in memory and cost one request in all. */
export async function findFindings(sources: FindingSources, question: FindingQuestion): Promise<Found> {
  const { exempted: _exempted, overdue: _overdue, ...filter } = question;
  const [views, { value, complete }] = await Promise.all([findingViews(sources), readUpTo(sources.findings, filter, MAX_FOUND)]);
  const parts = partsOf(question);
  const exempted = parts.get('exempted');
  const others = [...parts].filter(([name]) => name === 'overdue').map(([, part]) => part);
  const passing = value.map(views).filter((one) => others.every((part) => part(one)));
  const findings = exempted === undefined ? passing : passing.filter(exempted);
  return { findings, hidden: question.exempted === false ? passing.length - findings.length : 0, complete };
}

/** Counts the open findings that match a query and are hidden by a live exemption; reads only findings that an exemption can cover. */
export async function countHidden(sources: FindingSources, question: FindingQuestion): Promise<number> {
  const live = await liveExemptions(sources);
  const rule = [...new Set(live.map((one) => one.rule))].filter((one) => question.rule?.includes(one) ?? true);
  if (rule.length === 0 || question.status?.includes('open') === false) return 0;
  const { findings } = await findFindings(sources, { ...question, status: ['open'], rule, exempted: true });
  return findings.length;
}

/** The parts of a query by field name; the store evaluates `tag`. */
export function partsOf({ exempted, overdue, ...filter }: FindingQuestion): ReadonlyMap<keyof FindingQuestion, Part> {
  const parts = new Map<keyof FindingQuestion, Part>();
  for (const [name, check] of checksOf(filter)) parts.set(name, ({ finding }) => check(finding));
  if (exempted !== undefined) parts.set('exempted', ({ exemption }) => (exemption !== undefined) === exempted);
  if (overdue === true) parts.set('overdue', (one) => one.overdue);
  return parts;
}

/** Reads the first findings that match a filter; the store may return short pages. */
export async function readUpTo(
  findings: Pick<FindingStore, 'list'>,
  filter: FindingFilter,
  most: number,
): Promise<{ readonly value: readonly Finding[]; readonly complete: boolean }> {
  const value: Finding[] = [];
  let after: string | undefined;
  do {
    const page = await findings.list(filter, most - value.length, after);
    value.push(...page.value);
    after = page.next;
  } while (after !== undefined && value.length < most);
  return { value, complete: after === undefined };
}
