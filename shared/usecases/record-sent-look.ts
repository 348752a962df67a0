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

/** What somebody saw of a cluster that the app cannot reach. */
export interface SentLook {
  /** Canonical ARM id. */
  readonly clusterId: string;
  readonly snapshot: ClusterSnapshot;
  /** The object id of who sent it; absent where only an access key proved it. */
  readonly sentBy?: string;
}

/** What recording a sent look needs of the world. */
export interface RecordSentLook extends Omit<ScanCluster, 'audits' | 'connect' | 'probe'>, AuditedScope {}

/**
 * Judges and stores what somebody saw of a cluster, as a scan does. Only what the API server showed is taken from the
 * sender: which cluster it is, and what Azure says of it, the app asks Azure itself. Throws a `Fault` and stores nothing
 * where the cluster is not audited, Azure cannot be asked, the time cannot be, or something as new is stored already.
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

/** An old look tells nothing of today, and one of the future would keep every later scan from being recorded. */
function assertRecent(observedAt: string, now: Date): void {
  if (now.getTime() - Date.parse(observedAt) > SENT_LOOK_HOLDS_MS) {
    const days = SENT_LOOK_HOLDS_MS / DAY_MS;
    throw new Fault(
      'malformed',
      `The snapshot was seen at ${observedAt}, more than ${days} days ago: collect a new snapshot and send that.`,
    );
  }
  if (Date.parse(observedAt) - now.getTime() <= CLOCKS_DIFFER_MS) return;
  throw new Fault(
    'malformed',
    `The snapshot was seen at ${observedAt}, and it is ${now.toISOString()} by the clock of the app: set the clock right that it was seen by.`,
  );
}

/** A scan keeps no more either: who may send looks could fill the storage by one. */
function assertBounded({ workloads }: ClusterSnapshot, { pods }: Policy): void {
  const count = workloads.state === 'observed' ? workloads.value.length : 0;
  if (count <= pods.maxWorkloads) return;
  throw new Fault(
    'malformed',
    `The snapshot holds ${count} workloads, and the policy keeps ${pods.maxWorkloads} of a cluster (pods.maxWorkloads).`,
  );
}

/** The time that the look is recorded as. Tries of the app itself that saw nothing of the API server since do not overtake it; a look that did does. */
async function orderAmongLooks({ findings }: Pick<RecordSentLook, 'findings'>, clusterId: string, observedAt: string): Promise<string> {
  const { summary, observedAt: newest = observedAt } = await findings.ofCluster(clusterId);
  const seen = summary === undefined ? newest : (lastSeen(summary)?.at ?? '');
  if (summary?.status !== 'present' ? newest > observedAt : seen > observedAt) throw overtaken(clusterId);
  return newest > observedAt ? newest : observedAt;
}

function overtaken(clusterId: string): Fault {
  return new Fault('conflict', `A newer look at ${clusterId} is stored already: collect a new snapshot and send that.`);
}

function notAudited(clusterId: string): Fault {
  return new Fault('not-found', `This app does not audit ${clusterId}: its subscription or the policy's scope does not cover it.`);
}

const NO_PROBE = {
  mode: 'off',
  open: (): Promise<IsolationProbe> => Promise.reject(new Error('A sent look is never probed.')),
} as const;

/** Reads what was sent as a scan reads a cluster. */
function readerOf({ nodes, runtimeClasses, namespaces, workloads, templates, guardrails }: ClusterSnapshot): ClusterReader {
  return {
    nodes: async () => seenIn(nodes),
    runtimeClasses: async () => seenIn(runtimeClasses),
    namespaces: async () => seenIn(namespaces),
    // The pods were counted where the look was taken, with what lies behind their claims.
    volumes: () => Promise.reject(new Fault('not-asked', 'A sent look holds counted pods.')),
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
