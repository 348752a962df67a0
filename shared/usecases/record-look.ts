import { changedBy } from '../domain/findings/cause-counts.ts';
import { openSince } from '../domain/findings/due.ts';
import type { Finding, FindingChange } from '../domain/findings/finding.ts';
import { isStorable } from '../domain/findings/finding-size.ts';
import { subjectLabel } from '../domain/findings/finding-text.ts';
import { withOwners } from '../domain/findings/owner.ts';
import { closeAll, historyOf, reconcile } from '../domain/findings/reconcile.ts';
import { runsBesideSentLook, sentLookBeside, summaryBesideSentLook, summaryOfLateSentLook } from '../domain/findings/sent-look.ts';
import { countOpen, summarize, tally } from '../domain/findings/summarize.ts';
import type { ClusterSummary, CoverageGap } from '../domain/findings/summary.ts';
import type { Policy } from '../domain/policy/policy.ts';
import type { evaluate } from '../domain/rule/evaluate.ts';
import type { Rule } from '../domain/rule/rule.ts';
import { Fault } from '../domain/snapshot/fault.ts';
import { given } from '../domain/snapshot/given.ts';
import type { UnavailableReason } from '../domain/snapshot/observation.ts';
import type { ClusterSnapshot } from '../domain/snapshot/snapshot.ts';
import type { AssessmentStore } from '../ports/assessment-store.ts';
import { CLOCKS_DIFFER_MS, type Clock } from '../ports/clock.ts';
import type { FindingStore, HeldCluster } from '../ports/finding-store.ts';
import type { NotificationMessage, ScanMessage } from '../ports/messages.ts';
import { unseen } from './unseen-cluster.ts';

/** Two scans of one cluster rarely conflict; this many conflicts in a row indicate a fault. */
const MAX_CONFLICTS = 20;

/** Dependencies for recording a scan. */
export interface RecordLook {
  readonly findings: Pick<FindingStore, 'ofCluster' | 'write'>;
  readonly assessments: Pick<AssessmentStore, 'put'>;
  /** Absent if there are no notification targets. */
  readonly notify?: (message: NotificationMessage) => Promise<void>;
  readonly rules: readonly Rule[];
  readonly clock: Clock;
}

/** The cluster that was scanned, and the cause. */
type LookMessage = Pick<ScanMessage, 'clusterId' | 'cause'>;

/** The result of a scan, for the log line and the command line. */
export interface ScanResult {
  readonly clusterId: string;
  readonly assessment: ClusterSummary['assessment'] | 'deleted' | 'out-of-scope' | 'superseded';
  readonly changes: readonly FindingChange[];
  /** Why the scan could not be recorded although no newer scan is stored. */
  readonly refused?: UnavailableReason;
  /** The time it was recorded with, which orders scans; absent if nothing was recorded. */
  readonly recordedAt?: string;
  /** The evidence of an earlier pushed snapshot is kept, because this scan did not reach the API server. */
  readonly keepsSentLook?: boolean;
  /** What could not be read, judged or stored. */
  readonly gaps?: readonly CoverageGap[];
  /** All changes to this cluster by the same cause, including those of a try that crashed. */
  readonly changed: number;
}

/** The outcome of reading one cluster. */
export type Look =
  | { readonly state: 'gone' }
  | { readonly state: 'out-of-scope' }
  | { readonly state: 'seen'; readonly snapshot: ClusterSnapshot };

/** A scan with the results of the rules. */
export interface JudgedLook {
  readonly look: Look;
  /** When the scan began, RFC 3339. */
  readonly observedAt: string;
  readonly policy: Policy;
  readonly policyHash: string;
  readonly runs: ReturnType<typeof evaluate>;
}

/**
 * Reconciles a scan with the stored findings and writes the result unless a newer scan is stored; throws a `Fault` if it cannot be
 * written.
 */
export async function recordLook(deps: RecordLook, message: LookMessage, judged: JudgedLook, lastTry: boolean): Promise<ScanResult> {
  const { look, observedAt } = judged;
  const { clusterId, cause } = message;
  for (let attempt = 0; attempt < MAX_CONFLICTS; attempt++) {
    const held = await deps.findings.ofCluster(clusterId);
    const changedBefore = changedBy(held.changedBy, cause);
    const nothing = { clusterId, changes: [], changed: changedBefore };
    if (held.observedAt !== undefined && held.observedAt > observedAt) {
      const refused = clockProblem(held.observedAt, deps.clock());
      if (refused === undefined) assertNothingMissed(held, look, lastTry);
      return { ...nothing, assessment: 'superseded', ...given({ refused }) };
    }
    const { changes, summary, keepsSentLook = false } = outcome(deps.rules, held, judged, message);
    if (summary === undefined) return { ...nothing, assessment: look.state === 'out-of-scope' ? 'out-of-scope' : 'deleted' };
    const findings = changes.map(({ finding }) => finding);
    const history = historyOf(changes, cause);
    if ((await deps.findings.write({ clusterId, findings, history, summary, basedOn: held })) === 'written') {
      const assessment = summary.status === 'present' ? summary.assessment : summary.status;
      return {
        clusterId,
        assessment,
        changes,
        changed: changedBefore + history.length,
        gaps: summary.gaps,
        recordedAt: observedAt,
        keepsSentLook,
      };
    }
  }
  throw new Fault('conflict', `Cannot record the scan of ${clusterId}: other scans kept writing to it. The queue will try again.`);
}

/** Stores the evidence of a recorded scan and queues the notification of its changes. */
export async function keepLook(
  { assessments, notify }: Pick<RecordLook, 'assessments' | 'notify'>,
  { clusterId, cause }: LookMessage,
  { look, runs, policyHash }: JudgedLook,
  { assessment, refused, changed, recordedAt, keepsSentLook }: ScanResult,
): Promise<void> {
  if (look.state === 'seen' && assessment !== 'superseded' && refused === undefined && keepsSentLook !== true) {
    await assessments.put({ snapshot: look.snapshot, runs, policyHash }, recordedAt);
  }
  // Also when an earlier try made the changes: notifications have ids, so a receiver drops repeats.
  if (changed > 0) await notify?.({ clusterId, cause });
}

/**
 * A stored scan with a time in the future was made before this app's clock was moved back: nothing is recorded until the clock has caught
 * up.
 */
function clockProblem(newest: string, now: Date): UnavailableReason | undefined {
  if (Date.parse(newest) - now.getTime() <= CLOCKS_DIFFER_MS) return undefined;
  const message = `The clock of this app shows ${now.toISOString()}, but the newest scan of the cluster is from ${newest}. Nothing is recorded before that time; correct the clock.`;
  return { code: 'conflict', message };
}

/** The older scan may have read what the newer one could not. A further scan, newer than both, loses nothing. */
function assertNothingMissed({ summary }: HeldCluster, look: Look, lastTry: boolean): void {
  if (lastTry || look.state !== 'seen' || summary?.status !== 'present' || summary.assessment === 'assessed') return;
  throw new Fault('conflict', 'A newer scan of the cluster read less than this one: the queue will scan it again.');
}

interface Outcome {
  readonly changes: readonly FindingChange[];
  readonly summary: ClusterSummary | undefined;
  /** The evidence of the pushed snapshot is kept, because this scan read less. */
  readonly keepsSentLook?: boolean;
}

/** A snapshot that is recorded later than it was taken was pushed; the app has tried to read the cluster since, without success. */
function inOrder(summary: ClusterSummary, recordedAt: string): ClusterSummary {
  if (summary.observedAt === recordedAt) return summary;
  return { ...summaryOfLateSentLook(summary, { at: summary.observedAt, cause: summary.cause }), observedAt: recordedAt };
}

function outcome(
  rules: readonly Rule[],
  held: HeldCluster,
  { look, observedAt, policy, runs }: JudgedLook,
  { clusterId, cause }: LookMessage,
): Outcome {
  if (look.state === 'seen') {
    const cluster = held.summary !== undefined && look.snapshot.cluster.location === '' ? held.summary.cluster : look.snapshot.cluster;
    const snapshot = { ...look.snapshot, cluster };
    const beside = sentLookBeside(snapshot, held.summary);
    const judged = beside === undefined ? runs : runsBesideSentLook(runs, rules);
    const all = withOwners(reconcile(held.findings, judged, { cluster, observedAt, cause }, rules), held.findings, snapshot, policy);
    const changes = all.filter(({ finding }) => isStorable(finding));
    const unstored = all.filter(({ finding }) => !isStorable(finding)).map(({ finding }) => unstoredGap(finding));
    const own = summarize({
      snapshot,
      runs: judged,
      findings: after(held.findings, changes),
      cause,
      unstored,
      ...given({ previous: held.summary }),
    });
    if (beside !== undefined && held.summary !== undefined) {
      return { changes, summary: summaryBesideSentLook(own, held.summary, beside, judged), keepsSentLook: true };
    }
    return { changes, summary: inOrder(own, observedAt) };
  }
  // A crash in the first write of a cluster leaves findings without a summary; they are resolved as well.
  if (held.summary === undefined && held.findings.length === 0) return { changes: [], summary: undefined };
  const status = look.state === 'gone' ? 'deleted' : 'out-of-scope';
  const changes = closeAll(held.findings, status === 'deleted' ? 'cluster-deleted' : 'out-of-scope', observedAt);
  const left = after(held.findings, changes);
  const known = held.summary ?? summarize({ snapshot: unseen(clusterId, observedAt, CLOSED), runs: [], findings: left, cause });
  return {
    changes,
    summary: {
      ...known,
      observedAt,
      cause,
      status,
      gaps: [],
      openBySeverity: countOpen(left),
      openSince: openSince(left),
      rules: tally([], left),
    },
  };
}

/** A finding that cannot be stored, because its subject's name is too long for a row, is skipped and reported. */
function unstoredGap({ ruleId, subject }: Finding): CoverageGap {
  const message = `A finding of the rule ${ruleId} cannot be stored: the name of its subject, ${subjectLabel(subject).slice(0, 100)}…, is too long.`;
  return { evidence: 'rule', reason: { code: 'too-large', message } };
}

const CLOSED = new Fault('not-found', 'The cluster was deleted before its scan was complete.');

/** The findings of a cluster after the changes. */
function after(held: readonly Finding[], changes: readonly FindingChange[]): readonly Finding[] {
  const byId = new Map(held.map((finding) => [finding.id, finding]));
  for (const { finding } of changes) byId.set(finding.id, finding);
  return [...byId.values()];
}
