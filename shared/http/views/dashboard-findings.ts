import type { Emptiness, FilterChoices, FindingGroupRows, FindingRow, FindingsData } from '../../dashboard/findings-data.ts';
import { findingsPage } from '../../dashboard/findings-page.ts';
import type { Finding } from '../../domain/findings/finding.ts';
import type { ClusterSummary } from '../../domain/findings/summary.ts';
import { covers } from '../../domain/policy/exemption.ts';
import { SEVERITIES } from '../../domain/policy/severity.ts';
import { given } from '../../domain/snapshot/given.ts';
import { isSubscriptionId } from '../../domain/snapshot/resource-id.ts';
import { SUBJECT_KINDS } from '../../domain/snapshot/subject.ts';
import { hasTag } from '../../ports/finding-filter.ts';
import type { Page } from '../../ports/finding-store.ts';
import { givenExemptions } from '../../usecases/queries/exemptions.ts';
import {
  type FindingQuestion,
  type Found,
  type FoundFinding,
  findFindings,
  findingViews,
  partsOf,
} from '../../usecases/queries/find-findings.ts';
import {
  type Facets,
  facetsOf,
  GROUPINGS,
  type Grouping,
  groupFindings,
  groupKey,
  type TagsOf,
} from '../../usecases/queries/group-findings.ts';
import { pagesOf } from '../../usecases/queries/ordered-findings.ts';
import { allClusters } from '../../usecases/queries/walk.ts';
import type { ApiDependencies } from '../framework/api.ts';
import { exemptedOf } from '../framework/finding-query.ts';
import { fillPage } from '../framework/page.ts';
import { findingData } from './dashboard-finding.ts';
import { type DashboardQuery, type PageMaker, partOf, some } from './page-maker.ts';

const ROWS = 50;

/** Findings, filtered and grouped, with the selected one in a side panel. */
export const findingsView: PageMaker = async (dependencies, view, query) => {
  const status = query.status === 'resolved' ? 'resolved' : 'open';
  const summaries = await allClusters(dependencies.findings);
  const { question, problems } = questionOf(query, status, dependencies, summaries);
  const about = await aboutExemption(dependencies, query.exemption);
  if (about === undefined) problems.push(`There is no exemption ${JSON.stringify(query.exemption)}.`);
  const tagsOf = tagsIn(summaries);
  const chosen = some(query.id)?.[0];
  const open = chosen === undefined ? undefined : await findingData(dependencies, chosen);
  const keep = keepOf(query);
  const base = {
    status,
    q: query.q ?? '',
    firstSeenSince: (timeOf(query.firstSeenSince) ?? '').slice(0, 10),
    keep,
    ...given({ open }),
  } as const;
  const asked = { question, problems, about, query };
  if (status === 'resolved') return findingsPage(view, { ...base, ...(await resolvedPart(dependencies, asked)) });
  const everything = await findFindings(dependencies, { status: ['open'] });
  return findingsPage(view, { ...base, ...openPart(everything, asked, { tagsOf, summaries }) });
};

/** The parsed request of the page. */
interface Asked {
  readonly query: DashboardQuery;
  readonly question: FindingQuestion;
  /** One sentence for each invalid value. */
  readonly problems: readonly string[];
  /** Whether a finding is in the scope of the exemption in the address; `undefined` if there is no such exemption. */
  readonly about: ((finding: Finding) => boolean) | undefined;
}

/** Returns whether a finding is in the scope of the exemption in the address, counted as on the exemptions page. */
async function aboutExemption(dependencies: ApiDependencies, id = ''): Promise<((finding: Finding) => boolean) | undefined> {
  if (id === '') return () => true;
  const named = (await givenExemptions(dependencies)).find(({ exemption }) => exemption.id === id);
  return named && ((finding) => covers(named.exemption, finding));
}

/** All open findings are in memory, so they are counted, grouped and sorted as a whole. */
function openPart(
  { findings, complete }: Found,
  { question, problems, about, query }: Asked,
  { tagsOf, summaries }: { readonly tagsOf: TagsOf; readonly summaries: readonly ClusterSummary[] },
): Omit<FindingsData, 'status' | 'q' | 'keep' | 'firstSeenSince'> {
  const { exempted, ...others } = question;
  const hasOneTag = ({ clusterId }: Finding) => question.tag === undefined || question.tag.some((tag) => hasTag(tagsOf(clusterId), tag));
  const passesOthers = (finding: Finding) => hasOneTag(finding) && about?.(finding) === true;
  const parts = [...partsOf(others).values()];
  const passing = problems.length > 0 ? [] : findings.filter((one) => passesOthers(one.finding) && parts.every((part) => part(one)));
  const shown = exempted === undefined ? passing : passing.filter((one) => (one.exemption !== undefined) === exempted);
  const grouping = groupingOf(query.group);
  const sorted = shown.toSorted(worstFirst);
  const { page, pages, from } = partOf(sorted.length, ROWS, query.page);
  return {
    count: shown.length,
    isLowerBound: !complete,
    clusters: new Set(shown.map(({ finding }) => finding.clusterId)).size,
    hidden: exempted === false ? passing.length - shown.length : 0,
    groups: grouped(sorted, grouping, tagsOf, from),
    filters: choicesOf(facetsOf(findings, question, tagsOf, passesOthers), query),
    grouping: grouping ?? '',
    groupings: ['', ...GROUPINGS, ...tagNames(summaries).map((tag) => `tag:${tag}`)],
    page,
    pages,
    ...given({ empty: shown.length > 0 ? undefined : emptinessOf(problems, findings, question, summaries) }),
  };
}

function emptinessOf(
  problems: readonly string[],
  all: readonly FoundFinding[],
  question: FindingQuestion,
  summaries: readonly ClusterSummary[],
): Emptiness {
  if (problems.length > 0) return { kind: 'unknown-value', problems };
  if (all.some(({ exemption }) => exemption === undefined) || Object.keys(question).length > 2) return { kind: 'no-match' };
  const blind = summaries.filter(({ status, assessment }) => status === 'present' && assessment !== 'assessed').length;
  return blind > 0 ? { kind: 'not-seen', clusters: blind } : { kind: 'none-open' };
}

/** Resolved findings are in storage, so they are read page by page. */
async function resolvedPart(
  dependencies: ApiDependencies,
  { question, problems, about, query }: Asked,
): Promise<Omit<FindingsData, 'status' | 'q' | 'keep' | 'firstSeenSince'>> {
  const { exempted: _e, overdue: _o, ...filter } = question;
  const views = await findingViews(dependencies);
  const read = pagesOf(dependencies.findings, filter, 'severity desc');
  const isUnknown = problems.length > 0 || about === undefined;
  const { value, next }: Page<Finding> = isUnknown ? { value: [] } : await fillPage(ROWS, query.after, read, about);
  const found = value.map(views);
  const why: Emptiness = isUnknown ? { kind: 'unknown-value', problems } : { kind: 'no-match' };
  return {
    count: found.length,
    isLowerBound: next !== undefined,
    clusters: new Set(value.map(({ clusterId }) => clusterId)).size,
    hidden: 0,
    groups: [{ label: '', count: found.length, rows: found.map(rowOf) }],
    filters: [],
    grouping: '',
    groupings: [''],
    page: 1,
    pages: 1,
    ...given({ next, empty: found.length > 0 || next !== undefined ? undefined : why }),
  };
}

/** Parses the query from the address, with one sentence for each invalid value. */
function questionOf(query: DashboardQuery, status: 'open' | 'resolved', { rules }: ApiDependencies, summaries: readonly ClusterSummary[]) {
  const problems: string[] = [];
  const check = (values: readonly string[] | undefined, what: string, isKnown: (value: string) => boolean) => {
    for (const value of values ?? []) if (!isKnown(value)) problems.push(`There is no ${what} ${JSON.stringify(value)}.`);
  };
  const severities = some(query.severity);
  const kinds = some(query.kind);
  check(some([query.status ?? '']), 'status', (one) => one === 'open' || one === 'resolved');
  check(severities, 'severity', (one) => SEVERITIES.some((known) => known === one));
  check(kinds, 'kind', (one) => SUBJECT_KINDS.some((known) => known === one));
  check(some(query.rule), 'rule', (one) => rules.some(({ id }) => id === one));
  check(some(query.subscription), 'subscription', isSubscriptionId);
  check(some(query.cluster), 'cluster of the estate', (one) =>
    summaries.some(({ cluster }) => [cluster.name, cluster.id].some((name) => name.toLowerCase() === one.toLowerCase())),
  );
  check(some(query.exempted), 'choice of exempted', (one) => ['true', 'false', 'any'].includes(one));
  check(some(query.overdue), 'choice of overdue', (one) => one === 'true');
  check(some([query.firstSeenSince ?? '']), 'day or time', (one) => timeOf(one) !== undefined);
  const question: FindingQuestion = {
    status: [status],
    ...given({
      severity: severities === undefined ? undefined : SEVERITIES.filter((one) => severities.includes(one)),
      kind: kinds === undefined ? undefined : SUBJECT_KINDS.filter((one) => kinds.includes(one)),
      rule: some(query.rule),
      subscription: some(query.subscription),
      cluster: some(query.cluster),
      namespace: some(query.namespace),
      nodePool: some(query.pool),
      owner: some(query.owner),
      tag: some(query.tag),
      firstSeenSince: timeOf(query.firstSeenSince),
      q: query.q === '' ? undefined : query.q,
      overdue: query.overdue?.includes('true') === true ? true : undefined,
      exempted: exemptedOf({ exempted: exemptedIn(query) }, 'false'),
    }),
  };
  return { question, problems };
}

/** Exempted and other findings are both requested by `any`, or by both values. */
function exemptedIn({ exempted }: DashboardQuery): 'any' | 'true' | 'false' | undefined {
  const isAsked = (value: string) => exempted?.includes(value) === true;
  if (isAsked('any') || (isAsked('true') && isAsked('false'))) return 'any';
  return (['true', 'false'] as const).find(isAsked);
}

/** Parses a day, as its start, or a time; `undefined` for any other text. */
function timeOf(text = ''): string | undefined {
  const at = /^\d{4}-\d{2}-\d{2}(T.+)?$/.test(text) ? new Date(text) : undefined;
  return at === undefined || Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

/** Returns the parameters that links of the page keep, with the API's names where it has the same parameters. */
function keepOf({ page: _page, id: _id, after: _after, ...query }: DashboardQuery): Record<string, string | undefined> {
  const texts = Object.entries(query).map(([name, value]) => [name, typeof value === 'string' ? value : value?.filter(Boolean).join(',')]);
  return { ...Object.fromEntries(texts), ...given({ exempted: exemptedIn(query), firstSeenSince: timeOf(query.firstSeenSince) }) };
}

function groupingOf(text: string | undefined): Grouping | undefined {
  const known = GROUPINGS.find((one) => one === text);
  if (known !== undefined || text === undefined) return known;
  return text.startsWith('tag:') ? `tag:${text.slice('tag:'.length)}` : undefined;
}

/** Returns one page of rows by group; the number of a group counts all its findings. */
function grouped(sorted: readonly FoundFinding[], by: Grouping | undefined, tagsOf: TagsOf, from: number): readonly FindingGroupRows[] {
  if (by === undefined) return [{ label: '', count: sorted.length, rows: sorted.slice(from, from + ROWS).map(rowOf) }];
  const groups = groupFindings(sorted, by, tagsOf);
  const ranked = new Map(groups.map(({ key }, at) => [key, at]));
  const rankOf = ({ finding }: FoundFinding) => ranked.get(groupKey(finding, by, tagsOf)) ?? 0;
  const rows = sorted.toSorted((a, b) => rankOf(a) - rankOf(b)).slice(from, from + ROWS);
  return groups.flatMap(({ key, label, count }) => {
    const own = rows.filter(({ finding }) => groupKey(finding, by, tagsOf) === key);
    return own.length === 0 ? [] : [{ label: label === '' ? 'none' : label, count, rows: own.map(rowOf) }];
  });
}

function worstFirst(a: FoundFinding, b: FoundFinding): number {
  return (
    SEVERITIES.indexOf(a.finding.severity) - SEVERITIES.indexOf(b.finding.severity) ||
    (a.finding.firstSeenAt < b.finding.firstSeenAt ? -1 : 1)
  );
}

/** A finding as a row of a list. */
export function rowOf({ finding, exemption, dueOn, overdue }: FoundFinding): FindingRow {
  return { finding, exempted: exemption !== undefined, overdue, ...given({ dueOn }) };
}

const FILTERS = [
  ['severity', 'severity', 'Severity'],
  ['rule', 'rule', 'Rule'],
  ['cluster', 'cluster', 'Cluster'],
  ['namespace', 'namespace', 'Namespace'],
  ['owner', 'owner', 'Owner'],
  ['pool', 'nodePool', 'Node pool'],
  ['tag', 'tag', 'Tag'],
  ['kind', 'kind', 'About'],
  ['subscription', 'subscription', 'Subscription'],
  ['overdue', 'overdue', 'Overdue'],
  ['exempted', 'exempted', 'Exempted'],
] as const;

function choicesOf(facets: Facets, query: DashboardQuery): readonly FilterChoices[] {
  return FILTERS.map(([name, facet, label]) => {
    const isBoth = name === 'exempted' && exemptedIn(query) === 'any';
    const choices = facets[facet].map((one) => ({ ...one, label: WORDS[`${name}=${one.value}`] ?? one.label }));
    return { name, label, chosen: isBoth ? ['false', 'true'] : (some(query[name]) ?? []), choices };
  });
}

/** Labels of values that are not names. */
const WORDS: Readonly<Record<string, string>> = {
  'exempted=false': 'not exempted',
  'exempted=true': 'exempted',
  'overdue=true': 'past their due date',
};

function tagNames(summaries: readonly ClusterSummary[]): readonly string[] {
  return [...new Set(summaries.flatMap(({ cluster }) => Object.keys(cluster.tags)))].toSorted().slice(0, 20);
}

function tagsIn(summaries: readonly ClusterSummary[]): TagsOf {
  const tags = new Map(summaries.map(({ cluster }) => [cluster.id.toLowerCase(), cluster.tags]));
  return (clusterId) => tags.get(clusterId.toLowerCase()) ?? {};
}
