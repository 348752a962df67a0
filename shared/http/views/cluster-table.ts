import { groupOf } from '../../dashboard/estate-clusters.ts';
import { CLUSTER_STATUSES, type ClusterStatus, type ClusterTable, type EstateFilter } from '../../dashboard/estate-data.ts';
import { marksOf } from '../../dashboard/marks.ts';
import { IMAGE_AGES, imageAge, isProven, total } from '../../domain/findings/estate-figures.ts';
import { type ClusterSummary, clusterText } from '../../domain/findings/summary.ts';
import type { Policy } from '../../domain/policy/policy.ts';
import { SEVERITIES } from '../../domain/policy/severity.ts';
import { FAULT_CODES } from '../../domain/snapshot/fault.ts';
import { given } from '../../domain/snapshot/given.ts';
import { EVIDENCE_KEYS } from '../../domain/snapshot/snapshot.ts';
import { findFindings } from '../../usecases/queries/find-findings.ts';
import type { ApiDependencies } from '../framework/api.ts';
import { type DashboardQuery, partOf } from './page-maker.ts';

const ROWS = 50;
/** Maximum number of tag names offered for grouping. */
const MAX_TAGS = 12;
/** The parts that a gap can be about. */
const PARTS: ReadonlySet<string> = new Set([...EVIDENCE_KEYS, 'cluster', 'rule']);
const REASONS: ReadonlySet<string> = new Set(FAULT_CODES);
const isReason = (gap: string) => REASONS.has(gap);

/** Parses the filter of the table from the address; an invalid value is left out and reported among the problems. */
function filterOf(
  { q, status, gap, image, group, sort }: DashboardQuery,
  tags: readonly string[],
): { filter: EstateFilter; problems: readonly string[] } {
  const textOf = (value: string | undefined) => (value === '' ? undefined : value);
  const ages = image?.filter((one) => one !== '') ?? [];
  const canGroup = group === 'subscription' || tags.some((tag) => `tag:${tag}`.toLowerCase() === group?.toLowerCase());
  const asked = [
    ['status', textOf(status), CLUSTER_STATUSES.some((one) => one === status)],
    ['sort', textOf(sort), sort !== undefined && isOrder(sort)],
    ['group', textOf(group), canGroup],
    ['gap', textOf(gap), gap !== undefined && (isReason(gap) || PARTS.has(gap))],
    ...ages.map((age) => ['image', age, IMAGE_AGES.some((one) => one === age)] as const),
  ] as const;
  const problems = asked.flatMap(([name, value, isKnown]) =>
    value === undefined || isKnown ? [] : [`There is no ${name} ${JSON.stringify(value)}.`],
  );
  const filter = {
    sort: sort !== undefined && isOrder(sort) ? sort : 'status',
    ...given({
      q: textOf(q),
      status: CLUSTER_STATUSES.find((one) => one === status),
      gap: textOf(gap),
      image: textOf(IMAGE_AGES.filter((one) => ages.includes(one)).join(',')),
      group: canGroup ? group : undefined,
    }),
  };
  return { filter, problems };
}

/** Returns the page of clusters that the address selects. */
export async function clusterTable(
  dependencies: ApiDependencies,
  clusters: readonly ClusterSummary[],
  query: DashboardQuery,
  { staleAfterAudits, nodeImages }: Policy,
): Promise<ClusterTable> {
  const tags = [...new Set(clusters.flatMap(({ cluster }) => Object.keys(cluster.tags)))].toSorted();
  const { filter, problems } = filterOf(query, tags);
  const now = dependencies.clock();
  const inNamespace = filter.q === undefined ? new Set<string>() : await clustersWithNamespace(dependencies, filter.q);
  const matching =
    problems.length > 0 ? [] : clusters.filter((one) => matches(one, filter, inNamespace) && hasImage(one, filter, nodeImages, now));
  const { page, pages, from, to } = partOf(matching.length, ROWS, query.page);
  return {
    shown: firstInOrder(matching, filter, to).slice(from),
    matching: matching.length,
    page,
    pages,
    filter,
    problems,
    staleAfterAudits,
    tagNames: tags.slice(0, MAX_TAGS),
  };
}

/** Returns the ids of clusters with an open finding in a namespace with this name. */
async function clustersWithNamespace(dependencies: ApiDependencies, q: string): Promise<ReadonlySet<string>> {
  const { findings } = await findFindings(dependencies, { status: ['open'], kind: ['workload'] });
  const wanted = q.toLowerCase();
  const inIt = findings.filter(
    ({ finding: { subject } }) => subject.kind === 'workload' && subject.namespace.toLowerCase().includes(wanted),
  );
  return new Set(inIt.map(({ finding }) => finding.clusterId));
}

function matches(summary: ClusterSummary, { q, status, gap }: EstateFilter, inNamespace: ReadonlySet<string>): boolean {
  if (status !== undefined && !hasStatus(summary, status)) return false;
  if (gap !== undefined && !hasGap(summary, gap)) return false;
  return q === undefined || inNamespace.has(summary.cluster.id) || clusterText(summary).includes(q.toLowerCase());
}

function hasImage({ oldestImage }: ClusterSummary, { image }: EstateFilter, limits: Policy['nodeImages'], now: Date): boolean {
  return image === undefined || image.split(',').includes(imageAge(oldestImage?.releasedOn, limits, now));
}

/** Whether a cluster has a gap with this reason or in this part; a cluster that could not be read has a gap in every part. */
function hasGap({ gaps }: ClusterSummary, gap: string): boolean {
  return gaps.some(({ evidence, reason }) => reason.code === gap || evidence === gap || (evidence === 'cluster' && !isReason(gap)));
}

function hasStatus(summary: ClusterSummary, status: ClusterStatus): boolean {
  const { failing, blind } = marksOf(summary);
  switch (status) {
    case 'failing':
      return failing;
    case 'blind':
      return blind;
    case 'compliant':
      return !failing && !blind;
    case 'seen':
      return !blind;
    case 'proven':
      return isProven(summary);
  }
}

/** The values by which a row is sorted, compared from left to right. */
type SortKey = readonly (number | string)[];

/** Sorts by group first, then by the order in the address, then by name. */
function firstInOrder(clusters: readonly ClusterSummary[], { sort, group }: EstateFilter, most: number): readonly ClusterSummary[] {
  const keyOf = orderOf(sort) ?? byStatus;
  const direction = sort.startsWith('-') ? -1 : 1;
  // The keys are computed once per cluster, because sorting compares each several times.
  const rows = clusters.map((summary) => ({
    summary,
    group: group === undefined ? '' : groupOf(summary, group).toLowerCase(),
    key: keyOf(summary),
    name: summary.cluster.name.toLowerCase(),
  }));
  const found = smallest(
    rows,
    most,
    (a, b) =>
      compare(a.group, b.group) ||
      direction * compareKeys(a.key, b.key) ||
      compare(a.name, b.name) ||
      compare(a.summary.cluster.id, b.summary.cluster.id),
  );
  return found.map(({ summary }) => summary);
}

/** Returns the first `most` values in order. One page of thousands of rows is shown, so the rows after it need not be sorted. */
function smallest<T>(values: readonly T[], most: number, order: (a: T, b: T) => number): readonly T[] {
  const first = values.slice(0, most).sort(order);
  for (const value of values.slice(most)) {
    const last = first.at(-1);
    // Most values come after all that are shown, and one comparison is enough for them.
    if (last === undefined || order(last, value) <= 0) continue;
    let [from, to] = [0, first.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      const held = first[middle];
      if (held !== undefined && order(held, value) <= 0) from = middle + 1;
      else to = middle;
    }
    first.splice(from, 0, value);
    first.pop();
  }
  return first;
}

function isOrder(sort: string): boolean {
  return orderOf(sort) !== undefined;
}

function orderOf(sort: string): ((summary: ClusterSummary) => SortKey) | undefined {
  return KEYS.get(sort.replace(/^-/, ''));
}

function compareKeys(a: SortKey, b: SortKey): number {
  for (const [at, value] of a.entries()) {
    const difference = compare(value, b[at] ?? '');
    if (difference !== 0) return difference;
  }
  return 0;
}

function compare(a: number | string, b: number | string): number {
  return a < b ? -1 : Number(a > b);
}

/** Failing clusters first, ordered by number of critical findings, then of high ones, and so on. */
function byStatus(summary: ClusterSummary): SortKey {
  const { failing, blind } = marksOf(summary);
  const key = [failing ? 0 : blind ? 1 : 2];
  for (const severity of SEVERITIES) key.push(-summary.openBySeverity[severity]);
  return key;
}

/** The sort orders of the table; without a minus sign ascending. */
const KEYS: ReadonlyMap<string, (summary: ClusterSummary) => SortKey> = new Map<string, (summary: ClusterSummary) => SortKey>([
  ['name', ({ cluster }) => [cluster.name.toLowerCase()]],
  ['status', byStatus],
  ['open', ({ openBySeverity }) => [total(openBySeverity)]],
  ['pools', ({ kataNodePools }) => [kataNodePools]],
  ['pods', ({ sandboxedPods }) => [sandboxedPods]],
  ['proof', (summary) => [isProven(summary) ? 0 : 1]],
  ['image', ({ oldestImage }) => [oldestImage?.releasedOn ?? '']],
  ['looked', ({ lastAssessedAt }) => [lastAssessedAt ?? '']],
]);
