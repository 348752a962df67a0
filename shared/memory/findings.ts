import { type CauseCount, countChanges } from '../domain/findings/cause-counts.ts';
import type { Finding, HistoryEntry } from '../domain/findings/finding.ts';
import type { ClusterSummary } from '../domain/findings/summary.ts';
import { clusterKey } from '../domain/snapshot/resource-id.ts';
import { matcherOf, mayHold } from '../ports/finding-filter.ts';
import { type FindingStore, NOTHING_HELD } from '../ports/finding-store.ts';
import { assertCursor, newestFirst, pageOf } from './pages.ts';

interface HeldCluster {
  readonly findings: Map<string, Finding>;
  summary: ClusterSummary;
  changedBy: readonly CauseCount[];
  version: number;
}

const FINDING_ID = /^[0-9a-f]{16}-[0-9a-f]{32}$/;

/** Findings in memory, for one run of a command and for tests. */
export function memoryFindings(): FindingStore {
  const clusters = new Map<string, HeldCluster>();
  const history = new Map<string, HistoryEntry>();
  const all = () => [...clusters.values()].flatMap(({ findings }) => [...findings.values()]);
  return {
    ofCluster: async (clusterId) => {
      const held = clusters.get(clusterKey(clusterId));
      if (held === undefined) return NOTHING_HELD;
      const { findings, summary, changedBy, version } = held;
      const { observedAt } = summary;
      return structuredClone({ findings: [...findings.values()], summary, observedAt, changedBy, version: String(version) });
    },
    write: async ({ clusterId, findings, history: lines, summary, basedOn }) => {
      const key = clusterKey(clusterId);
      const held = clusters.get(key);
      if (basedOn.version !== (held === undefined ? undefined : String(held.version))) return 'conflict';
      const next = held ?? { findings: new Map<string, Finding>(), summary, changedBy: [], version: 0 };
      for (const finding of findings) next.findings.set(finding.id, structuredClone(finding));
      for (const line of lines) history.set(`${newestFirst(line.at)}-${line.findingId}-${line.kind}`, structuredClone(line));
      next.summary = structuredClone(summary);
      next.changedBy = countChanges(next.changedBy, summary.cause, lines.length);
      next.version += 1;
      clusters.set(key, next);
      return 'written';
    },
    list: async (filter, top, after) => {
      assertCursor(after, FINDING_ID);
      const holding = [...clusters.values()].filter(({ summary }) => mayHold(summary, filter));
      const found = holding.flatMap(({ findings }) => [...findings.values()]).filter(matcherOf(filter));
      return pageOf(
        found.map((finding) => [finding.id, finding] as const),
        top,
        after,
      );
    },
    get: async (id) => structuredClone(all().find((finding) => finding.id === id)),
    history: async (findingId, top, after) =>
      pageOf(
        [...history].filter(([, line]) => line.findingId === findingId),
        top,
        after,
      ),
    changes: async ({ since, until }, top, after) => {
      assertCursor(after, /^\d{13}-/);
      return pageOf(
        [...history].filter(([, line]) => line.at >= since && (until === undefined || line.at <= until)),
        top,
        after,
      );
    },
    clusterHistory: async (clusterId, of) => {
      const lines = [...history.values()].filter(
        (line) => clusterKey(line.clusterId) === clusterKey(clusterId) && ('cause' in of ? line.cause === of.cause : line.at >= of.since),
      );
      return structuredClone(lines.toSorted((a, b) => (a.at > b.at ? -1 : 1)));
    },
    clusters: async (top, after) =>
      pageOf(
        [...clusters].map(([key, { summary }]) => [key, summary] as const),
        top,
        after,
      ),
    cluster: async (clusterId) => structuredClone(clusters.get(clusterKey(clusterId))?.summary),
    prune: async (historyBefore, resolvedBefore, limit) => {
      let deleted = 0;
      for (const [key, { at }] of history) {
        if (deleted < limit && at < historyBefore && history.delete(key)) deleted += 1;
      }
      for (const { findings } of clusters.values()) {
        for (const { id, status, resolvedAt } of findings.values()) {
          const isOld = status === 'resolved' && resolvedAt !== undefined && resolvedAt < resolvedBefore;
          if (deleted < limit && isOld && findings.delete(id)) deleted += 1;
        }
      }
      return deleted;
    },
  };
}
