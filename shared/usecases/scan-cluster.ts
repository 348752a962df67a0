import { changedBy } from '../domain/findings/cause-counts.ts';
import { openSince } from '../domain/findings/due.ts';
import type { Finding, FindingChange } from '../domain/findings/finding.ts';
import { isStorable } from '../domain/findings/finding-size.ts';
import { subjectLabel } from '../domain/findings/finding-text.ts';
import { withOwners } from '../domain/findings/owner.ts';
import { closeAll, historyOf, reconcile } from '../domain/findings/reconcile.ts';
import { countOpen, summarize, tally } from '../domain/findings/summarize.ts';
import type { ClusterSummary, CoverageGap } from '../domain/findings/summary.ts';
import type { Policy } from '../domain/policy/policy.ts';
import { inScope } from '../domain/policy/scope.ts';
import { evaluate } from '../domain/rule/evaluate.ts';
import type { Rule } from '../domain/rule/rule.ts';
import { Fault } from '../domain/snapshot/fault.ts';
import type { UnavailableReason } from '../domain/snapshot/observation.ts';
import type { ClusterSnapshot, IsolationProof } from '../domain/snapshot/snapshot.ts';
import type { AssessmentStore } from '../ports/assessment-store.ts';
import type { AuditStore } from '../ports/audit-store.ts';
import type { AzureEstate, ListedCluster } from '../ports/azure-estate.ts';
import { CLOCKS_DIFFER_MS, type Clock } from '../ports/clock.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { FindingStore, HeldCluster } from '../ports/finding-store.ts';
import type { NotificationMessage, ScanMessage } from '../ports/messages.ts';
import type { PolicySource } from '../ports/policy-source.ts';
import { type CollectSnapshot, collectSnapshot } from './collect-snapshot.ts';
import { heardOfCluster } from './heard-of-cluster.ts';
import { unseen } from './unseen-cluster.ts';

/** Two scans of one cluster rarely meet; this many meetings in a row is a fault, not bad luck. */
const MAX_CONFLICTS = 20;

/** What a scan needs of the world. */
export interface ScanCluster extends CollectSnapshot {
  readonly azure: CollectSnapshot['azure'] & Pick<AzureEstate, 'getCluster'>;
  readonly findings: Pick<FindingStore, 'ofCluster' | 'write'>;
  readonly assessments: Pick<AssessmentStore, 'put' | 'get'>;
  readonly audits: Pick<AuditStore, 'recordCluster'>;
  readonly events: Pick<EventStore, 'notices' | 'note' | 'dropNotices'>;
  /** Absent when nobody wants to be told of changes. */
  readonly announce?: (message: NotificationMessage) => Promise<void>;
  readonly policy: PolicySource;
  readonly rules: readonly Rule[];
  readonly clock: Clock;
}

/** What a scan found out, for the log line and the command line. */
export interface ScanResult {
  readonly clusterId: string;
  readonly assessment: ClusterSummary['assessment'] | 'deleted' | 'out-of-scope' | 'superseded';
  readonly changes: readonly FindingChange[];
  /** Why the look could not be recorded, though nothing newer was seen. */
  readonly refused?: UnavailableReason;
  /** What could not be seen, judged or stored. */
  readonly gaps?: readonly CoverageGap[];
  /** Changes that the same cause made to this cluster in all, those of a try that died before its end among them. */
  readonly changed: number;
}

type Look =
  | { readonly state: 'gone' }
  | { readonly state: 'out-of-scope' }
  | { readonly state: 'seen'; readonly snapshot: ClusterSnapshot };

/**
 * Looks at one cluster, judges what it saw, and records what changed. While tries remain, a failure
 * that may pass is thrown, so that the queue tries again; on the last try it is recorded. Safe to run
 * twice, late, and beside another scan of the same cluster: the newer look wins.
 */
export async function scanCluster(
  deps: ScanCluster,
  message: ScanMessage,
  lastTry: boolean,
  abortSignal: AbortSignal,
): Promise<ScanResult> {
  const { policy, hash } = await deps.policy();
  const observedAt = deps.clock().toISOString();
  const look = await lookAt(deps, message.clusterId, policy, observedAt, lastTry, abortSignal);
  const runs = look.state === 'seen' ? evaluate(look.snapshot, deps.rules, policy) : [];
  const result = await recordOrMiss(deps, message, policy, observedAt, look, runs, lastTry);
  if (look.state === 'seen' && result.assessment !== 'superseded' && result.refused === undefined) {
    await deps.assessments.put({ snapshot: look.snapshot, runs, policyHash: hash });
  }
  // Also when a try that died made the changes: what is told has ids, by which a receiver drops what it heard.
  if (result.changed > 0) await deps.announce?.({ clusterId: message.clusterId, cause: message.cause });
  if (message.auditId !== undefined) await report(deps, message, message.auditId, result);
  return result;
}

async function lookAt(
  deps: ScanCluster,
  clusterId: string,
  policy: Policy,
  observedAt: string,
  lastTry: boolean,
  abortSignal: AbortSignal,
): Promise<Look> {
  let listed: ListedCluster;
  try {
    listed = await deps.azure.getCluster(clusterId, abortSignal);
  } catch (error) {
    if (!(error instanceof Fault) || (error.retryable && !lastTry)) throw error;
    if (error.code === 'not-found') {
      await deps.events.dropNotices(clusterId, observedAt);
      return { state: 'gone' };
    }
    return { state: 'seen', snapshot: unseen(clusterId, observedAt, error) };
  }
  if (!inScope(listed.cluster, policy)) return { state: 'out-of-scope' };
  const known = await heardOfCluster(deps.events, listed, observedAt);
  const earlier = deps.probe.mode === 'off' ? [] : await earlierProofs(deps.assessments, clusterId);
  return { state: 'seen', snapshot: await collectSnapshot(deps, known, policy, observedAt, earlier, lastTry, abortSignal) };
}

/** Proofs of the newest look: those that still hold need not be asked again. */
async function earlierProofs(assessments: ScanCluster['assessments'], clusterId: string): Promise<readonly IsolationProof[]> {
  const proofs = (await assessments.get(clusterId))?.snapshot.isolationProofs;
  return proofs?.state === 'observed' ? proofs.value : [];
}

/**
 * Records the look. What cannot be written after every try counts as a look that did not take place, so that the
 * cluster turns stale instead of keeping the colors of its last good day.
 */
async function recordOrMiss(
  deps: ScanCluster,
  message: ScanMessage,
  policy: Policy,
  observedAt: string,
  look: Look,
  runs: ReturnType<typeof evaluate>,
  lastTry: boolean,
): Promise<ScanResult> {
  try {
    return await record(deps, message, policy, observedAt, look, runs, lastTry);
  } catch (error) {
    if (!(error instanceof Fault) || !lastTry || error.code === 'conflict') throw error;
    const fault = new Fault(error.code, `What was seen could not be recorded: ${error.message}`, { cause: error });
    const missed = { state: 'seen', snapshot: unseen(message.clusterId, observedAt, fault) } as const;
    const result = await record(deps, message, policy, observedAt, missed, [], lastTry);
    return { ...result, refused: { code: fault.code, message: fault.message } };
  }
}

async function record(
  deps: ScanCluster,
  message: ScanMessage,
  policy: Policy,
  observedAt: string,
  look: Look,
  runs: ReturnType<typeof evaluate>,
  lastTry: boolean,
): Promise<ScanResult> {
  const { clusterId, cause } = message;
  for (let attempt = 0; attempt < MAX_CONFLICTS; attempt++) {
    const held = await deps.findings.ofCluster(clusterId);
    const changedBefore = changedBy(held.changedBy, cause);
    const nothing = { clusterId, changes: [], changed: changedBefore };
    if (held.observedAt !== undefined && held.observedAt > observedAt) {
      const refused = clockProblem(held.observedAt, deps.clock());
      if (refused === undefined) assertNothingMissed(held, look, lastTry);
      return { ...nothing, assessment: 'superseded', ...(refused === undefined ? {} : { refused }) };
    }
    const { changes, summary } = outcome(deps.rules, policy, held, look, runs, observedAt, message);
    if (summary === undefined) return { ...nothing, assessment: look.state === 'out-of-scope' ? 'out-of-scope' : 'deleted' };
    const findings = changes.map(({ finding }) => finding);
    const history = historyOf(changes, cause);
    if ((await deps.findings.write({ clusterId, findings, history, summary, basedOn: held })) === 'written') {
      const assessment = summary.status === 'present' ? summary.assessment : summary.status;
      return { clusterId, assessment, changes, changed: changedBefore + history.length, gaps: summary.gaps };
    }
  }
  throw new Fault('conflict', `Cannot record the scan of ${clusterId}: other scans kept writing it. The queue will try again.`);
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

function outcome(
  rules: readonly Rule[],
  policy: Policy,
  held: HeldCluster,
  look: Look,
  runs: ReturnType<typeof evaluate>,
  observedAt: string,
  { clusterId, cause }: ScanMessage,
): { readonly changes: readonly FindingChange[]; readonly summary: ClusterSummary | undefined } {
  if (look.state === 'seen') {
    const cluster = held.summary !== undefined && look.snapshot.cluster.location === '' ? held.summary.cluster : look.snapshot.cluster;
    const snapshot = { ...look.snapshot, cluster };
    const all = withOwners(reconcile(held.findings, runs, { cluster, observedAt, cause }, rules), held.findings, snapshot, policy);
    const changes = all.filter(({ finding }) => isStorable(finding));
    const unstored = all.filter(({ finding }) => !isStorable(finding)).map(({ finding }) => unstoredGap(finding));
    return { changes, summary: summarize(snapshot, runs, after(held.findings, changes), held.summary, cause, unstored) };
  }
  // A writer that died in a cluster's first write left findings without a summary: they close all the same.
  if (held.summary === undefined && held.findings.length === 0) return { changes: [], summary: undefined };
  const status = look.state === 'gone' ? 'deleted' : 'out-of-scope';
  const changes = closeAll(held.findings, status === 'deleted' ? 'cluster-deleted' : 'out-of-scope', observedAt);
  const left = after(held.findings, changes);
  const known = held.summary ?? summarize(unseen(clusterId, observedAt, CLOSED), [], left, undefined, cause);
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

async function report(deps: ScanCluster, message: ScanMessage, auditId: string, result: ScanResult): Promise<void> {
  const { assessment, refused, gaps = [] } = result;
  const isPartial = assessment === 'partly-assessed' || assessment === 'not-assessed';
  const state = refused !== undefined ? 'not-assessed' : isPartial ? assessment : 'assessed';
  const reasons = refused !== undefined ? [refused] : isPartial ? reasonsOf(gaps) : [];
  await deps.audits.recordCluster({
    auditId,
    clusterId: message.clusterId,
    at: deps.clock().toISOString(),
    state,
    reasons,
    changed: result.changed,
  });
}

/** Each reason once: a cluster that cannot be reached has the same one for each part. */
function reasonsOf(gaps: readonly CoverageGap[]) {
  const reasons = gaps.map(({ reason }) => reason);
  return reasons.filter((reason, at) => reasons.findIndex(({ message }) => message === reason.message) === at);
}
