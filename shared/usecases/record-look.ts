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

/** Two scans of one cluster rarely meet; this many meetings in a row is a fault, not bad luck. */
const MAX_CONFLICTS = 20;

/** What recording a look needs of the world. */
export interface RecordLook {
  readonly findings: Pick<FindingStore, 'ofCluster' | 'write'>;
  readonly assessments: Pick<AssessmentStore, 'put'>;
  /** Absent when nobody wants to be told of changes. */
  readonly notify?: (message: NotificationMessage) => Promise<void>;
  readonly rules: readonly Rule[];
  readonly clock: Clock;
}

/** Which cluster was looked at, and what caused it. */
type LookMessage = Pick<ScanMessage, 'clusterId' | 'cause'>;

/** What a scan found out, for the log line and the command line. */
export interface ScanResult {
  readonly clusterId: string;
  readonly assessment: ClusterSummary['assessment'] | 'deleted' | 'out-of-scope' | 'superseded';
  readonly changes: readonly FindingChange[];
  /** Why the look could not be recorded, though nothing newer was seen. */
  readonly refused?: UnavailableReason;
  /** When it was recorded as, which orders looks; absent where nothing was. */
  readonly recordedAt?: string;
  /** Whether the evidence of an earlier look that was sent stays, because this one did not reach the API server. */
  readonly keepsSentLook?: boolean;
  /** What could not be seen, judged or stored. */
  readonly gaps?: readonly CoverageGap[];
  /** Changes that the same cause made to this cluster in all, those of a try that died before its end among them. */
  readonly changed: number;
}

/** What a look at one cluster came to. */
export type Look =
  | { readonly state: 'gone' }
  | { readonly state: 'out-of-scope' }
  | { readonly state: 'seen'; readonly snapshot: ClusterSnapshot };

/** A look at a cluster with what the rules say of it. */
export interface JudgedLook {
  readonly look: Look;
  /** When the look began, RFC 3339. */
  readonly observedAt: string;
  readonly policy: Policy;
  readonly policyHash: string;
  readonly runs: ReturnType<typeof evaluate>;
}

/** Reconciles what was seen with what is held, and writes it unless something newer is there; throws `Fault` where it cannot be written. */
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
  throw new Fault('conflict', `Cannot record the scan of ${clusterId}: other scans kept writing it. The queue will try again.`);
}

/** Keeps the evidence of a look that was recorded, and has its changes told. */
export async function keepLook(
  { assessments, notify }: Pick<RecordLook, 'assessments' | 'notify'>,
  { clusterId, cause }: LookMessage,
  { look, runs, policyHash }: JudgedLook,
  { assessment, refused, changed, recordedAt, keepsSentLook }: ScanResult,
): Promise<void> {
  if (look.state === 'seen' && assessment !== 'superseded' && refused === undefined && keepsSentLook !== true) {
    await assessments.put({ snapshot: look.snapshot, runs, policyHash }, recordedAt);
  }
  // Also when a try that died made the changes: what is told has ids, by which a receiver drops what it heard.
  if (changed > 0) await notify?.({ clusterId, cause });
}

/** A look of the future was made by a clock that has been moved back since: nothing is recorded until this one has caught up. */
function clockProblem(newest: string, now: Date): UnavailableReason | undefined {
  if (Date.parse(newest) - now.getTime() <= CLOCKS_DIFFER_MS) return undefined;
  const message = `The clock of this app was moved back: it is ${now.toISOString()} by it, and the newest look at the cluster is of ${newest}. Nothing is recorded before that time; set the clock right.`;
  return { code: 'conflict', message };
}

/** What a newer look could not see, this one may have seen: one more look, newer than both, loses nothing of it. */
function assertNothingMissed({ summary }: HeldCluster, look: Look, lastTry: boolean): void {
  if (lastTry || look.state !== 'seen' || summary?.status !== 'present' || summary.assessment === 'assessed') return;
  throw new Fault('conflict', 'A newer look at the cluster saw less than this one: the queue will have it looked at again.');
}

interface Outcome {
  readonly changes: readonly FindingChange[];
  readonly summary: ClusterSummary | undefined;
  /** The evidence of a sent look stays: this one saw less. */
  readonly keepsSentLook?: boolean;
}

/** A look that is recorded later than it was taken was sent, and the app has tried since without success. */
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
  // A writer that died in a cluster's first write left findings without a summary: they close all the same.
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

/** One finding that cannot be stored costs itself, and is told: what it is about has a name that no row holds. */
function unstoredGap({ ruleId, subject }: Finding): CoverageGap {
  const message = `A finding of the rule ${ruleId} cannot be stored: the name of what it is about, ${subjectLabel(subject).slice(0, 100)}…, is too long.`;
  return { evidence: 'rule', reason: { code: 'too-large', message } };
}

const CLOSED = new Fault('not-found', 'The cluster was gone before it was looked at in full.');

/** The findings of a cluster once the changes are in. */
function after(held: readonly Finding[], changes: readonly FindingChange[]): readonly Finding[] {
  const byId = new Map(held.map((finding) => [finding.id, finding]));
  for (const { finding } of changes) byId.set(finding.id, finding);
  return [...byId.values()];
}
