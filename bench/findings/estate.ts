import { type Finding, fingerprint, type HistoryEntry } from '../../shared/domain/findings/finding.ts';
import { countOpen, tally } from '../../shared/domain/findings/summarize.ts';
import type { ClusterSummary } from '../../shared/domain/findings/summary.ts';
import { FULL } from '../../shared/domain/snapshot/observation.ts';
import { formatClusterId } from '../../shared/domain/snapshot/resource-id.ts';
import type { Subject } from '../../shared/domain/snapshot/subject.ts';
import { type HeldCluster, NOTHING_HELD } from '../../shared/ports/finding-store.ts';
import type { Storage } from '../../shared/storage/storage.ts';

const SEEN = '2026-11-23T06:00:00.000Z';
const WRITERS = 16;
/** Number of changes in one scan; more would not fit into one transaction. */
const LINES_A_SCAN = 80;

/** The size of an estate: every cluster has the same number of findings, and one cluster in five hundred has a critical one. */
export interface FindingsEstate {
  readonly clusters: number;
  readonly findingsEach: number;
  /** Earlier changes of findings: how many each cluster has had before this time, and how many there were per day in the whole estate. */
  readonly history?: { readonly each: number; readonly aDay: number; readonly until: Date };
}

/** The name of a cluster of the estate. */
export function clusterName(index: number): string {
  return `cluster-${String(index).padStart(5, '0')}`;
}

/** Writes the estate as scans would, several at once. */
export async function seed(
  storage: Storage,
  { clusters, findingsEach, history }: FindingsEstate,
  progress: (line: string) => void,
): Promise<void> {
  let next = 0;
  const write = async () => {
    for (let index = next++; index < clusters; index = next++) {
      const { summary, findings } = clusterOf(index, findingsEach);
      const clusterId = summary.cluster.id;
      const write = (lines: readonly HistoryEntry[], basedOn: HeldCluster) =>
        storage.findings.write({ clusterId, findings, history: lines, summary, basedOn });
      const lines = history === undefined ? [] : historyOf(findings, index, history);
      await write(lines.slice(0, LINES_A_SCAN), NOTHING_HELD);
      for (let at = LINES_A_SCAN; at < lines.length; at += LINES_A_SCAN)
        await write(lines.slice(at, at + LINES_A_SCAN), await storage.findings.ofCluster(clusterId));
      if ((index + 1) % 1_000 === 0) progress(`${index + 1} of ${clusters} clusters written`);
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
}

function clusterOf(index: number, count: number): { readonly summary: ClusterSummary; readonly findings: readonly Finding[] } {
  const name = clusterName(index);
  const subscriptionId = `00000000-0000-4000-8000-${String(index % 50).padStart(12, '0')}`;
  const id = formatClusterId({ subscriptionId, resourceGroup: 'rg', name });
  const findings = Array.from({ length: count }, (_, at) => findingOf(id, name, subscriptionId, at, index % 500 === 499));
  const summary: ClusterSummary = {
    cluster: { id, name, subscriptionId, resourceGroup: 'rg', location: 'westeurope', tags: {} },
    assessment: 'assessed',
    gaps: [],
    observedAt: SEEN,
    cause: 'bench',
    status: 'present',
    openBySeverity: countOpen(findings),
    rules: tally([], findings),
    nodePools: 3,
    kataNodePools: 1,
    pods: 400,
    sandboxedPods: 40,
    missedAudits: 0,
  };
  return { summary, findings };
}

/** The changes of one cluster, alternately opened and resolved, spread over the same days as those of the other clusters. */
function historyOf(
  findings: readonly Finding[],
  index: number,
  { each, aDay, until }: NonNullable<FindingsEstate['history']>,
): readonly HistoryEntry[] {
  const [finding] = findings;
  if (finding === undefined) return [];
  const { id: findingId, clusterId, ruleId, severity, message } = finding;
  return Array.from({ length: each }, (_, at): HistoryEntry => {
    const before = ((index * each + at) / aDay) * 86_400_000;
    const kind = at % 2 === 0 ? 'opened' : 'resolved';
    return { findingId, clusterId, ruleId, severity, message, kind, at: new Date(until.getTime() - before).toISOString(), cause: 'bench' };
  });
}

function findingOf(clusterId: string, name: string, subscriptionId: string, at: number, isRare: boolean): Finding {
  const subject: Subject =
    at % 2 === 0
      ? { kind: 'workload', namespace: `team-${at % 10}`, ownerKind: 'Deployment', ownerName: `app-${at}` }
      : { kind: 'node-pool', name: `pool${at}` };
  const ruleId = at % 2 === 0 ? 'workload-sandboxed' : 'node-image-current';
  return {
    id: fingerprint(clusterId, ruleId, subject),
    ruleId,
    clusterId,
    clusterName: name,
    subscriptionId,
    subject,
    severity: isRare && at === 0 ? 'critical' : at % 3 === 0 ? 'high' : 'low',
    status: at % 5 === 4 ? 'resolved' : 'open',
    message: 'Three pods run with runc: they name no RuntimeClass, and so they share the kernel of their node.',
    remediation: 'Set runtimeClassName: kata-vm-isolation in the pod template.',
    facts: { pods: 3, handler: 'runc' },
    coverage: FULL,
    firstSeenAt: '2026-11-01T00:00:00.000Z',
    lastSeenAt: SEEN,
    ...(at % 5 === 4 ? { resolvedAt: SEEN, resolution: 'complies' as const } : {}),
    reopenCount: 0,
    observedAt: SEEN,
  };
}
