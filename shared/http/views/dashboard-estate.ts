import type { TrendPoint } from '../../dashboard/charts.ts';
import { type ClusterStatus, clusterStatus, type EstateFilter, estatePage } from '../../dashboard/estate-page.ts';
import type { HistoryEntry } from '../../domain/findings/finding.ts';
import type { ClusterSummary } from '../../domain/findings/summary.ts';
import { SEVERITIES } from '../../domain/policy/severity.ts';
import { countExempted, withoutExempted } from '../../usecases/queries/exempted.ts';
import { everyCluster, walk } from '../../usecases/queries/walk.ts';
import type { ApiDependencies } from '../framework/api.ts';
import type { DashboardQuery, PageMaker } from './page-maker.ts';

const ROWS = 50;
const CHANGES = 30;
const TREND_DAYS = 90;
const DAY_MS = 86_400_000;
const STATUSES: readonly ClusterStatus[] = ['failing', 'not-assessed', 'compliant'];

/** The estate: read from the summaries, whatever the number of findings; of findings only those that may be exempted. */
export const estateView: PageMaker = async (dependencies, view, query) => {
  const present: ClusterSummary[] = [];
  for await (const summary of everyCluster(dependencies.findings)) if (summary.status === 'present') present.push(summary);
  const exempted = await countExempted(dependencies);
  const all = present.map((summary) => withoutExempted(summary, exempted));
  const filter = filterOf(query);
  const matching = all.filter((summary) => matches(summary, filter)).toSorted(order(filter.sort));
  const pages = Math.max(1, Math.ceil(matching.length / ROWS));
  const page = Math.min(query.page ?? 1, pages);
  const names = new Map(all.map(({ cluster }) => [cluster.id, cluster.name]));
  const now = view.now.getTime();
  const dayAgo = new Date(now - DAY_MS).toISOString();
  const { value: recent } = await dependencies.findings.changes({ since: dayAgo }, CHANGES);
  const liveAudit = await runningAudit(dependencies);
  return estatePage(view, {
    clusters: all,
    shown: matching.slice((page - 1) * ROWS, page * ROWS),
    matching: matching.length,
    page,
    pages,
    filter,
    exempted: totalOf(exempted.bySeverity),
    // The past is told as it was: what is exempted now counted then, and counts in it to this day.
    trend: await trendOf(
      dependencies,
      present.reduce((sum, { openBySeverity }) => sum + totalOf(openBySeverity), 0),
      now,
    ),
    changes: recent.map((entry) => ({ ...entry, clusterName: names.get(entry.clusterId) ?? entry.clusterId })),
    ...(liveAudit === undefined ? {} : { liveAudit }),
    staleAfterAudits: (await dependencies.policy()).policy.staleAfterAudits,
    schedule: dependencies.schedule ?? '0 0 */6 * * *',
  });
};

function totalOf(counts: ClusterSummary['openBySeverity']): number {
  return SEVERITIES.reduce((sum, severity) => sum + counts[severity], 0);
}

function filterOf({ q, status, sort }: DashboardQuery): EstateFilter {
  const known = STATUSES.find((one) => one === status);
  return { ...(q === undefined ? {} : { q }), ...(known === undefined ? {} : { status: known }), sort: sort ?? 'status' };
}

function matches(summary: ClusterSummary, { q, status }: EstateFilter): boolean {
  if (status !== undefined && clusterStatus(summary) !== status) return false;
  if (q === undefined || q === '') return true;
  const { name, subscriptionId, location, tags } = summary.cluster;
  const text = [name, subscriptionId, location, ...Object.entries(tags).flat()].join('\n').toLowerCase();
  return text.includes(q.toLowerCase());
}

type Order = (a: ClusterSummary, b: ClusterSummary) => number;

function order(sort: string): Order {
  const by = ORDERS.get(sort.replace(/^-/, '')) ?? byStatus;
  const direction = sort.startsWith('-') ? -1 : 1;
  return (a, b) => direction * by(a, b) || byName(a, b);
}

const byName: Order = (a, b) => a.cluster.name.localeCompare(b.cluster.name) || a.cluster.id.localeCompare(b.cluster.id);

/** The worst first: most critical findings, then most high ones, and so on. */
const bySeverity: Order = (a, b) => {
  for (const severity of SEVERITIES) {
    const difference = b.openBySeverity[severity] - a.openBySeverity[severity];
    if (difference !== 0) return difference;
  }
  return 0;
};

const byStatus: Order = (a, b) => STATUSES.indexOf(clusterStatus(a)) - STATUSES.indexOf(clusterStatus(b)) || bySeverity(a, b);

/** A map, because the name comes from the address: `__proto__` is no order. */
const ORDERS: ReadonlyMap<string, Order> = new Map<string, Order>([
  ['name', byName],
  ['status', byStatus],
  ['looked', (a, b) => a.observedAt.localeCompare(b.observedAt)],
  ['pools', (a, b) => b.kataNodePools - a.kataNodePools],
  ['pods', (a, b) => b.sandboxedPods - a.sandboxedPods],
  ...SEVERITIES.map((severity): [string, Order] => [severity, (a, b) => b.openBySeverity[severity] - a.openBySeverity[severity]]),
]);

/**
 * Open findings at the end of each of the last 90 days, reckoned back from today's number through
 * what opened and closed since: the history is the one source, and no row a day has to be kept.
 */
async function trendOf({ findings }: ApiDependencies, openNow: number, now: number): Promise<readonly TrendPoint[]> {
  const since = new Date(now - TREND_DAYS * DAY_MS).toISOString();
  const perDay = new Map<string, number>();
  for await (const { at, kind } of walk<HistoryEntry>((top, after) => findings.changes({ since }, top, after))) {
    const delta = kind === 'resolved' ? -1 : kind === 'changed' ? 0 : 1;
    perDay.set(at.slice(0, 10), (perDay.get(at.slice(0, 10)) ?? 0) + delta);
  }
  const first = [...perDay.keys()].toSorted()[0];
  if (first === undefined) return [];
  const points: TrendPoint[] = [];
  let open = openNow;
  for (let time = now; ; time -= DAY_MS) {
    const day = new Date(time).toISOString().slice(0, 10);
    points.unshift({ day, open: Math.max(0, open) });
    if (day <= first) return points;
    open -= perDay.get(day) ?? 0;
  }
}

async function runningAudit({ audits }: ApiDependencies) {
  const { value } = await audits.list(1);
  const newest = value[0];
  const report = newest === undefined ? undefined : await audits.get(newest.id);
  if (report === undefined) return undefined;
  const done = report.clusters.filter(({ state }) => state !== 'planned').length;
  const listed = report.subscriptions.length === report.audit.subscriptions.length;
  return listed && done === report.clusters.length ? undefined : { id: report.audit.id, done, planned: report.clusters.length };
}
