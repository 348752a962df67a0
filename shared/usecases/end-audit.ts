import { dayOf } from '../domain/findings/day.ts';
import { type EstateFigures, figuresOf, total } from '../domain/findings/estate-figures.ts';
import { daysFromHistory, estateDay } from '../domain/findings/trend.ts';
import { DAY_MS } from '../domain/snapshot/day.ts';
import type { AuditEnd, AuditReport, AuditStore } from '../ports/audit-store.ts';
import type { FindingStore } from '../ports/finding-store.ts';
import type { TrendStore } from '../ports/trend-store.ts';
import { type AuditLine, endedLine } from './audit-lines.ts';
import { AUDIT_LIMIT_MS, type AuditOutcome, auditOutcome } from './audit-outcome.ts';
import { countExempted } from './queries/exempted.ts';
import type { ExemptionSources } from './queries/exemptions.ts';
import { allClusters, walk } from './queries/walk.ts';

/** Dependencies for ending an audit. */
export interface EndAudit extends ExemptionSources {
  readonly audits: Pick<AuditStore, 'isWaiting' | 'get' | 'list' | 'end'>;
  readonly findings: Pick<FindingStore, 'clusters' | 'changes' | 'list'>;
  readonly trend: TrendStore;
}

/** Number of days of the trend that are computed from the history when no audit stored a row. */
const REBUILT_DAYS = 90;
/** Number of earlier audits checked for a missing end, after a crash or a scan that never reported. */
const EARLIER_AUDITS = 10;

/**
 * Stores the outcome of an audit and the day's row of the trend, once its last part has reported. Every part calls this when it ends;
 * only the last finds no part waiting. Returns the log lines, none while the audit runs. Safe to run twice.
 */
export async function endAudit(deps: EndAudit, auditId: string): Promise<readonly AuditLine[]> {
  if (await deps.audits.isWaiting(auditId)) return [];
  const report = await deps.audits.get(auditId);
  if (report === undefined) return [];
  const outcome = auditOutcome(report, deps.clock());
  if (outcome.state === 'running') return [];
  const figures = await figuresNow(deps);
  await rebuildTrend(deps, figures);
  await deps.trend.put(estateDay(deps.clock().toISOString(), figures));
  return record(deps, report, outcome, figures);
}

/** Ends audits that are past their time limit; called when the next audit starts. Returns the log lines. Safe to run twice. */
export async function endOverdueAudits(deps: EndAudit): Promise<readonly AuditLine[]> {
  const lines: AuditLine[] = [];
  const { value } = await deps.audits.list(EARLIER_AUDITS);
  const now = deps.clock();
  for (const { id, startedAt, end } of value) {
    if (end !== undefined || now.getTime() - Date.parse(startedAt) <= AUDIT_LIMIT_MS) continue;
    const report = await deps.audits.get(id);
    if (report !== undefined) lines.push(...(await record(deps, report, auditOutcome(report, now), await figuresNow(deps))));
  }
  return lines;
}

async function record(
  { audits }: EndAudit,
  report: AuditReport,
  { state, planned, scanned, notAssessed, notListed, changed, durationSeconds }: AuditOutcome,
  figures: EstateFigures,
): Promise<readonly AuditLine[]> {
  if (state === 'running') return [];
  const { audit } = report;
  const endedAt = new Date(Date.parse(audit.startedAt) + durationSeconds * 1_000).toISOString();
  const counts = { planned, scanned, changed, notAssessed: notAssessed.length, notListed: notListed.length };
  const end: AuditEnd = { state, endedAt, ...counts, figures };
  await audits.end(audit, end);
  return [endedLine(report, end)];
}

async function figuresNow(deps: EndAudit): Promise<EstateFigures> {
  const summaries = await allClusters(deps.findings);
  const { bySeverity } = await countExempted(deps);
  return { ...figuresOf(summaries, (await deps.policy()).policy, deps.clock()), exempted: total(bySeverity) };
}

/** Computes the days before the first audit of this version from the history, once; existing rows are kept. */
async function rebuildTrend({ findings, trend, clock }: EndAudit, { openBySeverity }: EstateFigures): Promise<void> {
  if (await trend.isRebuilt()) return;
  const now = clock();
  const since = new Date(now.getTime() - REBUILT_DAYS * DAY_MS).toISOString();
  const changes = walk((top, after) => findings.changes({ since }, top, after));
  const held = new Set((await trend.list(dayOf(since), dayOf(now))).map(({ day }) => day));
  for (const day of await daysFromHistory(openBySeverity, now, changes)) if (!held.has(day.day)) await trend.put(day);
  await trend.rebuilt(now.toISOString());
}
