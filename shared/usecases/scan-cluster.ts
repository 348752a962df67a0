import type { CoverageGap } from '../domain/findings/summary.ts';
import { inScope } from '../domain/policy/scope.ts';
import { evaluate } from '../domain/rule/evaluate.ts';
import { Fault } from '../domain/snapshot/fault.ts';
import { observedValue } from '../domain/snapshot/observation.ts';
import type { IsolationProof } from '../domain/snapshot/snapshot.ts';
import type { AssessmentStore } from '../ports/assessment-store.ts';
import type { AuditStore } from '../ports/audit-store.ts';
import type { AzureEstate, ListedCluster } from '../ports/azure-estate.ts';
import type { EventStore } from '../ports/event-store.ts';
import type { ScanMessage } from '../ports/messages.ts';
import type { PolicySource } from '../ports/policy-source.ts';
import type { Attempt } from './attempt.ts';
import { type CollectSnapshot, collectSnapshot } from './collect-snapshot.ts';
import { heardOfCluster } from './heard-of-cluster.ts';
import { type JudgedLook, keepLook, type Look, type RecordLook, recordLook, type ScanResult } from './record-look.ts';
import { unseen } from './unseen-cluster.ts';

/** Dependencies of a scan. */
export interface ScanCluster extends CollectSnapshot, RecordLook {
  readonly azure: CollectSnapshot['azure'] & Pick<AzureEstate, 'getCluster'>;
  readonly assessments: Pick<AssessmentStore, 'put' | 'get'>;
  readonly audits: Pick<AuditStore, 'recordCluster'>;
  readonly events: Pick<EventStore, 'notices' | 'note' | 'dropNotices'>;
  readonly policy: PolicySource;
}

/**
 * Reads one cluster, judges it, and records what changed. While tries remain, a transient failure is thrown so that the queue retries; on
 * the last try it is recorded. Safe to run twice, late, and concurrently with another scan of the same cluster: the newer scan wins.
 */
export async function scanCluster(
  deps: ScanCluster,
  message: ScanMessage,
  lastTry: boolean,
  abortSignal: AbortSignal,
): Promise<ScanResult> {
  const { policy, hash } = await deps.policy();
  const observedAt = deps.clock().toISOString();
  const look = await lookAt(deps, message.clusterId, { policy, observedAt, isLast: lastTry, abortSignal });
  const runs = look.state === 'seen' ? evaluate(look.snapshot, deps.rules, policy) : [];
  const judged = { look, observedAt, policy, policyHash: hash, runs };
  const result = await recordOrMiss(deps, message, judged, lastTry);
  await keepLook(deps, message, judged, result);
  if (message.auditId !== undefined) await report(deps, message, message.auditId, result);
  return result;
}

async function lookAt(deps: ScanCluster, clusterId: string, attempt: Attempt): Promise<Look> {
  const { policy, observedAt, isLast, abortSignal } = attempt;
  let listed: ListedCluster;
  try {
    listed = await deps.azure.getCluster(clusterId, abortSignal);
  } catch (error) {
    if (!(error instanceof Fault) || (error.retryable && !isLast)) throw error;
    if (error.code === 'not-found') {
      await deps.events.dropNotices(clusterId, observedAt);
      return { state: 'gone' };
    }
    return { state: 'seen', snapshot: unseen(clusterId, observedAt, error) };
  }
  if (!inScope(listed.cluster, policy)) return { state: 'out-of-scope' };
  const known = await heardOfCluster(deps.events, listed, observedAt);
  const earlier = deps.probe.mode === 'off' ? [] : await earlierProofs(deps.assessments, clusterId);
  return { state: 'seen', snapshot: await collectSnapshot(deps, known, attempt, earlier) };
}

/** Proofs of the newest scan; those that are still valid need no new probe. */
async function earlierProofs(assessments: ScanCluster['assessments'], clusterId: string): Promise<readonly IsolationProof[]> {
  const proofs = (await assessments.get(clusterId))?.snapshot.isolationProofs;
  return observedValue(proofs) ?? [];
}

/**
 * Records the scan. If it cannot be written after every try, it counts as a failed scan, so that the cluster becomes stale instead of
 * keeping its last good state.
 */
async function recordOrMiss(deps: ScanCluster, message: ScanMessage, judged: JudgedLook, lastTry: boolean): Promise<ScanResult> {
  try {
    return await recordLook(deps, message, judged, lastTry);
  } catch (error) {
    if (!(error instanceof Fault) || !lastTry || error.code === 'conflict') throw error;
    const fault = new Fault(error.code, `The scan could not be recorded: ${error.message}`, { cause: error });
    const missed = { state: 'seen', snapshot: unseen(message.clusterId, judged.observedAt, fault) } as const;
    const result = await recordLook(deps, message, { ...judged, look: missed, runs: [] }, lastTry);
    return { ...result, refused: { code: fault.code, message: fault.message } };
  }
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

/** Each reason once: a cluster that cannot be reached has the same reason for each part. */
function reasonsOf(gaps: readonly CoverageGap[]) {
  const reasons = gaps.map(({ reason }) => reason);
  return reasons.filter((reason, at) => reasons.findIndex(({ message }) => message === reason.message) === at);
}
