import { TREND_DAYS } from '../../dashboard/charts.ts';
import type { EstateData, FirstThing, NamedChange } from '../../dashboard/estate-data.ts';
import { estatePage } from '../../dashboard/estate-page.ts';
import { isSeen } from '../../dashboard/marks.ts';
import { dayAfter, dayOf } from '../../domain/findings/day.ts';
import { countOverdue } from '../../domain/findings/due.ts';
import { type EstateFigures, figuresOf, REQUIRED_RULE, total } from '../../domain/findings/estate-figures.ts';
import type { ClusterSummary } from '../../domain/findings/summary.ts';
import { isLive } from '../../domain/policy/exemption.ts';
import type { Policy } from '../../domain/policy/policy.ts';
import { SEVERITIES } from '../../domain/policy/severity.ts';
import { DAY_MS } from '../../domain/snapshot/day.ts';
import { given } from '../../domain/snapshot/given.ts';
import type { ListedAudit } from '../../ports/audit-store.ts';
import { AUDIT_LIMIT_MS, auditOutcome } from '../../usecases/audit-outcome.ts';
import { countExempted, type ExemptedCounts, withoutExempted } from '../../usecases/queries/exempted.ts';
import { givenExemptions } from '../../usecases/queries/exemptions.ts';
import { findFindings } from '../../usecases/queries/find-findings.ts';
import { groupFindings } from '../../usecases/queries/group-findings.ts';
import { allClusters } from '../../usecases/queries/walk.ts';
import type { ApiDependencies } from '../framework/api.ts';
import { clusterTable } from './cluster-table.ts';
import type { PageMaker } from './page-maker.ts';

const CHANGES = 12;
/** Maximum number of audits searched for the newest two estate-wide audits that ended. */
const AUDITS = 10;
const ENDING_DAYS = 30;
/** Maximum number of open findings that are read to find the oldest of every rule. */
const MAX_LOOKED_AT = 2_000;

/** The estate page: data in memory, one row per day, and the newest audits, so its cost does not grow with history. */
export const estateView: PageMaker = async (dependencies, view, query) => {
  const { audits, findings, policy: policySource } = dependencies;
  const [summaries, exempted, { policy, hash, source, problem }, { value: newest }] = await Promise.all([
    allClusters(findings),
    countExempted(dependencies),
    policySource(),
    audits.list(AUDITS),
  ]);
  const present = summaries.filter(({ status }) => status === 'present');
  const clusters = present.map((summary) => withoutExempted(summary, exempted));
  const days = TREND_DAYS.find((one) => String(one) === query.days) ?? 30;
  const [trend, changes, alerts, live, first, table] = await Promise.all([
    dependencies.trend.list(dayAfter(view.now, -days), dayOf(view.now)),
    recentChanges(dependencies, present, newest[0], view.now),
    alertsOf(dependencies, newest, problem, view.now),
    runningAudit(dependencies, newest[0]),
    firstThings(dependencies, clusters),
    clusterTable(dependencies, clusters, query, policy),
  ]);
  const now = { ...figuresOf(present, policy, view.now), exempted: total(exempted.bySeverity) };
  return estatePage(view, {
    clusters,
    tiles: {
      ...tileFigures(clusters, exempted, policy, now, view.now),
      ...(await exemptionFigures(dependencies, exempted)),
      ...comparedWith(view.base, newest),
      now,
    },
    table,
    trend: withToday(trend, now, view.now),
    days,
    first,
    changes,
    alerts,
    policy: { hash, source },
    ...given({ oldestLook: clusters.map(({ observedAt }) => observedAt).toSorted()[0] }),
    ...(newest[0] === undefined ? {} : { audit: { id: newest[0].id, startedAt: newest[0].startedAt, ...given({ running: live }) } }),
    schedule: dependencies.schedule ?? '0 0 */6 * * *',
  });
};

function tileFigures(clusters: readonly ClusterSummary[], exempted: ExemptedCounts, policy: Policy, now: EstateFigures, at: Date) {
  const overdue = now.overdue === undefined ? undefined : now.overdue - countOverdue(exempted.openSince, policy.dueDays, at);
  return {
    figures: exempted.byCluster.size === 0 ? now : figuresOf(clusters, policy, at),
    exposed: clusters.reduce((sum, { rules }) => sum + (rules[REQUIRED_RULE]?.open ?? 0), 0),
    unchecked: clusters.filter((one) => !isSeen(one, 'workloads')).length,
    overdue,
  };
}

async function exemptionFigures(dependencies: ApiDependencies, exempted: ExemptedCounts) {
  const now = dependencies.clock();
  const soon = new Date(now.getTime() + ENDING_DAYS * DAY_MS);
  const all = (await givenExemptions(dependencies)).map(({ exemption }) => exemption);
  return { exempted: total(exempted.bySeverity), endingSoon: all.filter((one) => isLive(one, now) && !isLive(one, soon)).length };
}

/** The audit before the newest one that ended, with which the numbers are compared. */
function comparedWith(base: string, audits: readonly ListedAudit[]): Pick<EstateData['tiles'], 'before'> {
  const [last, before] = audits.filter(({ end, clusters }) => end !== undefined && clusters === undefined);
  if (last === undefined || before?.end === undefined) return {};
  const link = `${base}/audit?${new URLSearchParams({ id: last.id, from: before.id })}`;
  return { before: { figures: before.end.figures, startedAt: before.startedAt, link } };
}

/** The trend's point for today is the current state, whether or not an audit has ended today. */
function withToday(trend: EstateData['trend'], { openBySeverity, clusters, blind, proven }: EstateFigures, now: Date): EstateData['trend'] {
  const today = dayOf(now);
  return [...trend.filter(({ day }) => day !== today), { day: today, openBySeverity, seen: { clusters, blind, proven } }];
}

async function recentChanges(
  { findings }: ApiDependencies,
  clusters: readonly ClusterSummary[],
  audit: ListedAudit | undefined,
  now: Date,
): Promise<readonly NamedChange[]> {
  // For an audit that started long ago the list would have to read many days; one day is enough for the page.
  const since =
    audit === undefined || now.getTime() - Date.parse(audit.startedAt) > DAY_MS
      ? new Date(now.getTime() - DAY_MS).toISOString()
      : audit.startedAt;
  const { value } = await findings.changes({ since }, CHANGES);
  const changed = new Set(value.map(({ clusterId }) => clusterId));
  const names = new Map(clusters.flatMap(({ cluster: { id, name } }) => (changed.has(id) ? [[id, name] as const] : [])));
  return value.map((entry) => ({ ...entry, clusterName: names.get(entry.clusterId) ?? entry.clusterId }));
}

async function alertsOf(
  { parked }: ApiDependencies,
  audits: readonly ListedAudit[],
  policyProblem: string | undefined,
  now: Date,
): Promise<EstateData['alerts']> {
  const { value } = await parked.list(100);
  const stuck = audits.find(
    ({ startedAt, end }, at) => at === 0 && end === undefined && now.getTime() - Date.parse(startedAt) > AUDIT_LIMIT_MS,
  );
  return { parked: value.length, ...given({ policyProblem, stuck: stuck && { id: stuck.id, startedAt: stuck.startedAt } }) };
}

async function runningAudit({ audits, clock }: ApiDependencies, newest: ListedAudit | undefined) {
  if (newest === undefined || newest.end !== undefined) return undefined;
  const report = await audits.get(newest.id);
  if (report === undefined) return undefined;
  const { state, scanned, planned } = auditOutcome(report, clock());
  return state === 'running' ? { scanned, planned } : undefined;
}

/** Failing rules by their most severe finding; from the summaries alone if there are too many findings to read. */
async function firstThings(dependencies: ApiDependencies, clusters: readonly ClusterSummary[]): Promise<readonly FirstThing[]> {
  const titles = new Map(dependencies.rules.map(({ id, title, severity }) => [id, { title, severity }]));
  const open = clusters.reduce((sum, { openBySeverity }) => sum + total(openBySeverity), 0);
  if (open <= MAX_LOOKED_AT) {
    const { findings } = await findFindings(dependencies, { status: ['open'], exempted: false });
    return groupFindings(findings, 'rule', () => ({})).map(({ key, count, clusters: in_, bySeverity, oldest }) => ({
      rule: key,
      title: titles.get(key)?.title ?? key,
      severity: SEVERITIES.find((severity) => bySeverity[severity] > 0) ?? 'info',
      open: count,
      clusters: in_,
      oldest,
    }));
  }
  const sums = new Map<string, { open: number; clusters: number }>();
  for (const { rules } of clusters) {
    for (const [rule, tally] of Object.entries(rules)) {
      if (tally.open === 0) continue;
      const sum = sums.get(rule) ?? { open: 0, clusters: 0 };
      sums.set(rule, { open: sum.open + tally.open, clusters: sum.clusters + 1 });
    }
  }
  const found = [...sums].map(
    ([rule, sum]) => ({ rule, ...sum, title: titles.get(rule)?.title ?? rule, severity: titles.get(rule)?.severity ?? 'info' }) as const,
  );
  return found.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || b.open - a.open);
}
