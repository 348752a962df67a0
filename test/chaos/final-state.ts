import { QueueServiceClient } from '@azure/storage-queue';
import type { Finding, HistoryEntry } from '../../shared/domain/findings/finding.ts';
import type { ClusterSummary } from '../../shared/domain/findings/summary.ts';
import { subjectKey } from '../../shared/domain/snapshot/subject.ts';
import type { Storage } from '../../shared/storage/storage.ts';
import { type AuditOutcome, auditOutcome } from '../../shared/usecases/audit-outcome.ts';
import { allPages } from '../support/all-pages.ts';

/** A day is longer than the time limit of an audit and than any run here. */
const DAY_MS = 24 * 60 * 60_000;

/** Everything that an audit leaves behind, sorted, without the ids and times that differ between runs. */
export interface FinalState {
  readonly findings: readonly unknown[];
  /** The changes of findings in the list of the estate, where a duplicate or a missing entry becomes visible. */
  readonly changes: readonly string[];
  readonly clusters: readonly unknown[];
  readonly evidence: readonly unknown[];
  readonly audit: unknown;
  /** The changes that all audits report together: an audit that died while it was planned may have made some of them. */
  readonly changed: number;
  readonly parked: number;
  readonly messages: Readonly<Record<string, number>>;
}

/** Reads it. */
export async function finalState(storage: Storage, connectionString: string): Promise<FinalState> {
  const findings = await allPages((after) => storage.findings.list({}, 500, after));
  const names = new Map(findings.map((finding) => [finding.id, nameOf(finding)]));
  const yesterday = new Date(Date.now() - DAY_MS).toISOString();
  const changes = await allPages((after) => storage.findings.changes({ since: yesterday }, 500, after));
  const clusters = await allPages((after) => storage.findings.clusters(500, after));
  const { value: audits } = await storage.audits.list(100);
  const outcomes = await Promise.all(audits.map(({ id }) => outcomeOf(storage, id)));
  return {
    findings: sorted(await Promise.all(findings.map((finding) => findingState(storage, finding)))),
    changes: changes.map(({ findingId, kind }) => `${kind}: ${names.get(findingId)}`).sort(),
    clusters: sorted(clusters.map(clusterState)),
    evidence: sorted(await Promise.all(clusters.map((summary) => evidenceState(storage, summary)))),
    audit: auditState(outcomes[0]),
    changed: outcomes.reduce((total, outcome) => total + (outcome?.changed ?? 0), 0),
    parked: (await storage.parked.list(100)).value.length,
    messages: await messageCounts(connectionString),
  };
}

/** The number of messages in each queue, including hidden ones. */
export async function messageCounts(connectionString: string): Promise<Record<string, number>> {
  const service = QueueServiceClient.fromConnectionString(connectionString);
  const counts: Record<string, number> = {};
  for await (const { name } of service.listQueues()) {
    counts[name] = (await service.getQueueClient(name).getProperties()).approximateMessagesCount ?? 0;
  }
  return counts;
}

/** The outcome of an audit, read long after. */
export async function outcomeOf(storage: Storage, auditId: string): Promise<AuditOutcome | undefined> {
  const report = await storage.audits.get(auditId);
  return report === undefined ? undefined : auditOutcome(report, new Date(Date.parse(report.audit.startedAt) + DAY_MS));
}

function nameOf({ clusterName, ruleId, subject }: Finding): string {
  return `${clusterName}: ${ruleId} of ${subjectKey(subject)}`;
}

async function findingState(storage: Storage, finding: Finding) {
  const history = await allPages<HistoryEntry>((after) => storage.findings.history(finding.id, 100, after));
  const { id, status, severity, reopenCount, message } = finding;
  return { name: nameOf(finding), id, status, severity, reopenCount, message, history: history.map(({ kind }) => kind) };
}

function clusterState({ cluster, status, assessment, openBySeverity, gaps }: ClusterSummary) {
  return { name: cluster.name, status, assessment, openBySeverity, gaps: gaps.map(({ reason }) => reason.code) };
}

async function evidenceState(storage: Storage, { cluster }: ClusterSummary) {
  const held = await storage.assessments.get(cluster.id);
  if (held === undefined) return { name: cluster.name, held: false };
  const { nodes, workloads, nodePools } = held.snapshot;
  return { name: cluster.name, held: true, parts: [nodes, workloads, nodePools].map(({ state }) => state), runs: held.runs.length };
}

function auditState(outcome: AuditOutcome | undefined) {
  if (outcome === undefined) return undefined;
  const { state, planned, scanned, notAssessed, notListed } = outcome;
  const reasons = notAssessed.map(({ clusterId, reasons: why }) => `${clusterId}: ${why.map(({ code }) => code).join()}`);
  return { state, planned, scanned, notAssessed: reasons.sort(), notListed };
}

function sorted<T extends { readonly name: string }>(values: readonly T[]): readonly T[] {
  return [...values].sort((a, b) => a.name.localeCompare(b.name));
}
