import { dueOn, isOverdue } from '../../domain/findings/due.ts';
import type { Finding } from '../../domain/findings/finding.ts';
import { overlayOf } from '../../domain/policy/exemption.ts';
import type { Exemption, Policy } from '../../domain/policy/policy.ts';
import { given } from '../../domain/snapshot/given.ts';
import { checksOf } from '../../ports/finding-filter.ts';
import type { FindingFilter, FindingStore } from '../../ports/finding-store.ts';
import { type ExemptionSources, liveExemptions } from './exemptions.ts';

/** What is asked of the findings. */
export interface FindingQuestion extends FindingFilter {
  /** `false` leaves out what a live exemption covers, `true` gives only that; absent gives both. */
  readonly exempted?: boolean;
  /** Only findings past their due date. */
  readonly overdue?: boolean;
}

/** A finding with what is worked out when it is asked for. */
export interface FoundFinding {
  readonly finding: Finding;
  /** The live exemption that covers it. */
  readonly exemption?: Exemption;
  /** The last day on which it may still be open. */
  readonly dueOn?: string;
  readonly overdue: boolean;
}

/** All that was found, in order of cluster and id. */
export interface Found {
  readonly findings: readonly FoundFinding[];
  /** Findings that were left out because a live exemption covers them. */
  readonly hidden: number;
  /** False when there are more than can be looked at in one go: then every count is a lower bound. */
  readonly complete: boolean;
}

/** What finding needs of the world. */
export interface FindingSources extends ExemptionSources {
  readonly findings: Pick<FindingStore, 'list'>;
}

/** More findings than this are not counted and sorted in one answer. */
export const MAX_FOUND = 20_000;

/** Says of a finding whether it passes one part of a question. */
export type Part = (found: FoundFinding) => boolean;

/** Adds to a finding what depends on now: its live exemption and its due date. */
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

/** Finds all findings that answer a question, up to a bound. Open ones are in memory and cost one request together. */
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

/** How many open findings answer a question but for the live exemptions that cover them; reads only what those can cover. */
export async function countHidden(sources: FindingSources, question: FindingQuestion): Promise<number> {
  const live = await liveExemptions(sources);
  const rule = [...new Set(live.map((one) => one.rule))].filter((one) => question.rule?.includes(one) ?? true);
  if (rule.length === 0 || question.status?.includes('open') === false) return 0;
  const { findings } = await findFindings(sources, { ...question, status: ['open'], rule, exempted: true });
  return findings.length;
}

/** The parts of a question, each by the name of its field; `tag` is answered by the store. */
export function partsOf({ exempted, overdue, ...filter }: FindingQuestion): ReadonlyMap<keyof FindingQuestion, Part> {
  const parts = new Map<keyof FindingQuestion, Part>();
  for (const [name, check] of checksOf(filter)) parts.set(name, ({ finding }) => check(finding));
  if (exempted !== undefined) parts.set('exempted', ({ exemption }) => (exemption !== undefined) === exempted);
  if (overdue === true) parts.set('overdue', (one) => one.overdue);
  return parts;
}

/** The first findings that pass a filter; the store may give short pages on the way. */
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
