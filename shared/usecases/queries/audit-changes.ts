import { type NetChange, netChanges } from '../../domain/findings/difference.ts';
import type { HistoryEntry } from '../../domain/findings/finding.ts';
import type { AuditRecord, AuditReport, AuditStore } from '../../ports/audit-store.ts';
import type { Clock } from '../../ports/clock.ts';
import type { FindingStore, TimeRange } from '../../ports/finding-store.ts';
import { AUDIT_LIMIT_MS, auditOutcome } from '../audit-outcome.ts';

/** Dependencies for reading the changes of audits. */
export interface AuditChangeSources {
  readonly audits: Pick<AuditStore, 'get'>;
  readonly findings: Pick<FindingStore, 'changes'>;
  readonly clock: Clock;
}

/** Maximum number of history rows in one answer; two audits that are months apart are compared by the newest rows. */
const MAX_LINES = 10_000;

/** The time range in which an audit wrote its changes. */
export function timeOf(report: AuditReport, now: Date): Required<TimeRange> {
  const since = report.audit.startedAt;
  const { state, durationSeconds } = auditOutcome(report, now);
  const until = state === 'running' ? now.getTime() : Date.parse(since) + Math.min(AUDIT_LIMIT_MS, durationSeconds * 1_000);
  return { since, until: new Date(until).toISOString() };
}

/** History rows, and whether they are complete. */
export interface Lines {
  readonly entries: readonly HistoryEntry[];
  readonly complete: boolean;
}

/** Returns the changes that one audit made, newest first. */
export async function changesOfAudit(sources: AuditChangeSources, report: AuditReport): Promise<Lines> {
  const { entries, complete } = await linesBetween(sources, timeOf(report, sources.clock()));
  return { entries: entries.filter(({ cause }) => cause === report.audit.id), complete };
}

/** The difference between the ends of two audits. */
export interface AuditDifference {
  readonly changes: readonly NetChange[];
  /** Clusters that the later audit could not read completely and the earlier one could. */
  readonly newlyBlind: readonly string[];
  /** Clusters that the later audit read completely and the earlier one could not. */
  readonly seenAgain: readonly string[];
  readonly complete: boolean;
}

/** Number of audits searched for the one before another. */
const MAX_AUDITS = 1_000;

/** Returns the newest audit of the whole estate that started before another one. */
export async function auditBefore(
  { audits }: { readonly audits: Pick<AuditStore, 'list'> },
  { id, startedAt }: AuditRecord,
): Promise<AuditRecord | undefined> {
  const { value } = await audits.list(MAX_AUDITS);
  return value.find((one) => one.id !== id && one.startedAt <= startedAt && one.clusters === undefined);
}

/** Compares two audits, the earlier one first. */
export async function differenceOf(sources: AuditChangeSources, earlier: AuditReport, later: AuditReport): Promise<AuditDifference> {
  const now = sources.clock();
  const range = { since: timeOf(earlier, now).until, until: timeOf(later, now).until };
  const { entries, complete } = await linesBetween(sources, range);
  const [before, after] = [fullySeen(earlier), fullySeen(later)];
  const turned = (from: boolean) => [...after].flatMap(([id, now]) => (before.get(id) === from && now !== from ? [id] : []));
  return {
    changes: netChanges(entries.filter(({ at }) => at > range.since)),
    newlyBlind: turned(true),
    seenAgain: turned(false),
    complete,
  };
}

function fullySeen({ clusters }: AuditReport): ReadonlyMap<string, boolean> {
  const ended = clusters.filter(({ state }) => state !== 'planned');
  return new Map(ended.map(({ clusterId, state }) => [clusterId.toLowerCase(), state === 'assessed']));
}

async function linesBetween({ findings }: AuditChangeSources, between: TimeRange): Promise<Lines> {
  const entries: HistoryEntry[] = [];
  let after: string | undefined;
  do {
    const page = await findings.changes(between, MAX_LINES - entries.length, after);
    entries.push(...page.value);
    after = page.next;
  } while (after !== undefined && entries.length < MAX_LINES);
  return { entries, complete: after === undefined };
}
