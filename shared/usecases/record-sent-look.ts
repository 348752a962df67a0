import { lastSeen, SENT_LOOK_HOLDS_MS, sentCause } from '../domain/findings/sent-look.ts';
import type { Policy } from '../domain/policy/policy.ts';
import { inScope } from '../domain/policy/scope.ts';
import { evaluate } from '../domain/rule/evaluate.ts';
import { DAY_MS } from '../domain/snapshot/day.ts';
import { Fault } from '../domain/snapshot/fault.ts';
import type { Observation } from '../domain/snapshot/observation.ts';
import { parseClusterId } from '../domain/snapshot/resource-id.ts';
import type { ClusterSnapshot } from '../domain/snapshot/snapshot.ts';
import { CLOCKS_DIFFER_MS } from '../ports/clock.ts';
import type { ClusterReader } from '../ports/cluster-reader.ts';
import type { IsolationProbe } from '../ports/isolation-probe.ts';
import { collectSnapshot } from './collect-snapshot.ts';
import { heardOfCluster } from './heard-of-cluster.ts';
import { type AuditedScope, isAudited } from './is-audited.ts';
import { keepLook, type Look, recordLook, type ScanResult } from './record-look.ts';
import type { ScanCluster } from './scan-cluster.ts';

/** A snapshot that was pushed for a cluster that the app cannot reach. */
export interface SentLook {
  /** Canonical ARM id. */
  readonly clusterId: string;
  readonly snapshot: ClusterSnapshot;
  /** The object id of the sender; absent if the request was authenticated with only an access key. */
  readonly sentBy?: string;
}

/** Dependencies for recording a pushed snapshot. */
export interface RecordSentLook extends Omit<ScanCluster, 'audits' | 'connect' | 'probe'>, AuditedScope {}

/**
 * Judges and stores a pushed snapshot like a scan. Only what the API server returned is taken from the sender; the app reads the
 * cluster's identity and its Azure data itself. Throws a `Fault` and stores nothing if the cluster is not audited, Azure cannot be asked,
 * the time is implausible, or an equally new scan is stored.
 */
export async function recordSentLook(deps: RecordSentLook, sent: SentLook, abortSignal: AbortSignal): Promise<ScanResult> {
  const { clusterId, snapshot, sentBy = 'access key' } = sent;
  const { observedAt: seenAt } = snapshot;
  const observedAt = new Date(seenAt).toISOString();
  assertRecent(observedAt, deps.clock());
  const { policy, hash } = await deps.policy();
  assertBounded(snapshot, policy);
  const subscriptionId = parseClusterId(clusterId)?.subscriptionId;
  if (subscriptionId === undefined || !(await isAudited(deps, subscriptionId))) throw notAudited(clusterId);
  const listed = await deps.azure.getCluster(clusterId, abortSignal);
  if (!inScope(listed.cluster, policy)) throw notAudited(clusterId);
  const recordedAt = await orderAmongLooks(deps, clusterId, observedAt);
  const known = await heardOfCluster(deps.events, listed, deps.clock().toISOString());
  const sources = { ...deps, connect: async () => readerOf(snapshot), probe: NO_PROBE };
  const collected = await collectSnapshot(sources, known, { policy, observedAt, isLast: true, abortSignal });
  const look = { state: 'seen', snapshot: { ...collected, isolationProofs: snapshot.isolationProofs } } as const satisfies Look;
  const runs = evaluate(look.snapshot, deps.rules, policy);
  const message = { clusterId, cause: sentCause(sentBy, observedAt) };
  const judged = { look, observedAt: recordedAt, policy, policyHash: hash, runs };
  const result = await recordLook(deps, message, judged, true);
  if (result.refused !== undefined) throw new Fault('conflict', result.refused.message);
  if (result.assessment === 'superseded') throw overtaken(clusterId);
  await keepLook(deps, message, judged, result);
  return result;
}

/** An old snapshot says nothing about today, and one from the future would keep every later scan from being recorded. */
function assertRecent(observedAt: string, now: Date): void {
  if (now.getTime() - Date.parse(observedAt) > SENT_LOOK_HOLDS_MS) {
    const days = SENT_LOOK_HOLDS_MS / DAY_MS;
    throw new Fault(
      'malformed',
      `The snapshot was collected at ${observedAt}, more than ${days} days ago: collect and send a new snapshot.`,
    );
  }
  if (Date.parse(observedAt) - now.getTime() <= CLOCKS_DIFFER_MS) return;
  throw new Fault(
    'malformed',
    `The snapshot was collected at ${observedAt}, but the clock of the app shows ${now.toISOString()}: correct the clock of the machine that collected it.`,
  );
}

/** A scan has the same limit; without it, one sender could fill the storage. */
function assertBounded({ workloads }: ClusterSnapshot, { pods }: Policy): void {
  const count = workloads.state === 'observed' ? workloads.value.length : 0;
  if (count <= pods.maxWorkloads) return;
  throw new Fault(
    'malformed',
    `The snapshot contains ${count} workloads; the policy allows ${pods.maxWorkloads} per cluster (pods.maxWorkloads).`,
  );
}

/**
 * The time to record the snapshot with. Scans by the app that did not reach the API server do not supersede it; a scan that did reach it
 * does.
 */
async function orderAmongLooks({ findings }: Pick<RecordSentLook, 'findings'>, clusterId: string, observedAt: string): Promise<string> {
  const { summary, observedAt: newest = observedAt } = await findings.ofCluster(clusterId);
  const seen = summary?.status === 'present' ? (lastSeen(summary)?.at ?? '') : newest;
  if (seen > observedAt) throw overtaken(clusterId);
  return newest > observedAt ? newest : observedAt;
}

function overtaken(clusterId: string): Fault {
  return new Fault('conflict', `A newer scan of ${clusterId} is already stored: collect and send a new snapshot.`);
}

function notAudited(clusterId: string): Fault {
  return new Fault('not-found', `This app does not audit ${clusterId}: its subscription or the policy's scope does not cover it.`);
}

const NO_PROBE = {
  mode: 'off',
  open: (): Promise<IsolationProbe> => Promise.reject(new Error('A pushed snapshot is never probed.')),
} as const;

/** A reader that returns the pushed parts, so that they are processed like a scan. */
function readerOf({ nodes, runtimeClasses, namespaces, workloads, templates, guardrails }: ClusterSnapshot): ClusterReader {
  return {
    nodes: async () => seenIn(nodes),
    runtimeClasses: async () => seenIn(runtimeClasses),
    namespaces: async () => seenIn(namespaces),
    // The sender counted the pods, including the volumes behind their claims.
    volumes: () => Promise.reject(new Fault('not-asked', 'A pushed snapshot contains pods that are already counted.')),
    workloads: async () => workloads,
    templates: async () => templates,
    guardrails: async () => seenIn(guardrails),
    close: () => undefined,
  };
}

function seenIn<T>(part: Observation<T>): T {
  if (part.state === 'unavailable') throw new Fault(part.reason.code, part.reason.message);
  return part.value;
}
