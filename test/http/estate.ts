import { type Finding, fingerprint, type HistoryEntry } from '../../shared/domain/findings/finding.ts';
import { countOpen, tally } from '../../shared/domain/findings/summarize.ts';
import type { ClusterSummary } from '../../shared/domain/findings/summary.ts';
import type { EstateDay } from '../../shared/domain/findings/trend.ts';
import { DEFAULT_POLICY, type Exemption, type Policy } from '../../shared/domain/policy/policy.ts';
import { defineRule } from '../../shared/domain/rule/rule.ts';
import { Fault } from '../../shared/domain/snapshot/fault.ts';
import { FULL } from '../../shared/domain/snapshot/observation.ts';
import { clusterKey, formatClusterId } from '../../shared/domain/snapshot/resource-id.ts';
import type { Subject } from '../../shared/domain/snapshot/subject.ts';
import type { ApiDependencies } from '../../shared/http/framework/api.ts';
import type { AuditRecord } from '../../shared/ports/audit-store.ts';
import { matcherOf, mayHold } from '../../shared/ports/finding-filter.ts';
import { type FindingFilter, NOTHING_HELD, type Page } from '../../shared/ports/finding-store.ts';
import type { ParkedMessage } from '../../shared/ports/parked-store.ts';

export const SUBSCRIPTION = '11111111-2222-4333-8444-555555555555';
/** After every time of a test. */
const NEVER = '9';
export const NOW = '2026-11-23T12:00:00.000Z';

const definition = (id: string) =>
  defineRule({
    id,
    title: 'Node pools run a current node image',
    severity: 'high',
    rationale: 'An old image keeps flaws.',
    remediation: 'Upgrade the pool.',
    references: ['https://learn.microsoft.com/azure/aks/node-image-upgrade'],
    requires: ['nodePools'],
    consults: ['latestImages'],
    evaluate: () => [],
  });

export const RULES = [definition('node-image-current'), definition('workload-sandboxed')];

/** A cluster's id by its name. */
export const clusterIdOf = (name: string) => formatClusterId({ subscriptionId: SUBSCRIPTION, resourceGroup: 'rg', name });

/** A finding with the fields that the test sets. */
export function aFinding(over: Partial<Finding> & { readonly subject?: Subject } = {}): Finding {
  const clusterName = over.clusterName ?? 'prod';
  const subject: Subject = over.subject ?? { kind: 'node-pool', name: 'kata' };
  const ruleId = over.ruleId ?? 'node-image-current';
  const clusterId = clusterIdOf(clusterName);
  return {
    id: fingerprint(clusterId, ruleId, subject),
    ruleId,
    clusterId,
    clusterName,
    subscriptionId: SUBSCRIPTION,
    subject,
    severity: 'high',
    status: 'open',
    message: 'The node image is 30 days behind.',
    remediation: 'Upgrade the node image of the pool.',
    commands: [
      {
        run: 'az aks nodepool upgrade --subscription 11111111-2222-4333-8444-555555555555 --resource-group rg --cluster-name prod --name kata --node-image-only',
        deletes: false,
      },
    ],
    facts: { days: 30, images: ['a', 'b'] },
    coverage: FULL,
    firstSeenAt: '2026-11-01T00:00:00.000Z',
    lastSeenAt: '2026-11-23T06:00:00.000Z',
    reopenCount: 0,
    observedAt: '2026-11-23T06:00:00.000Z',
    ...over,
  };
}

export function aSummary(clusterName: string, findings: readonly Finding[], over: Partial<ClusterSummary> = {}): ClusterSummary {
  const cluster = {
    id: clusterIdOf(clusterName),
    name: clusterName,
    subscriptionId: SUBSCRIPTION,
    resourceGroup: 'rg',
    location: 'x',
    tags: {},
  };
  return {
    cluster,
    assessment: 'assessed',
    gaps: [],
    observedAt: '2026-11-23T06:00:00.000Z',
    cause: 'audit-1',
    status: 'present',
    openBySeverity: countOpen(findings),
    rules: tally([], findings),
    nodePools: 2,
    kataNodePools: 1,
    pods: 10,
    sandboxedPods: 4,
    missedAudits: 0,
    ...over,
  };
}

/** An exemption of every finding of one rule, in force at `NOW`. */
export function anExemption(over: Partial<Exemption> = {}): Exemption {
  return {
    id: 'e1',
    rule: 'node-image-current',
    category: 'waiver',
    reason: 'r',
    approvedBy: 'a',
    expiresOn: '2027-01-01T00:00:00.000Z',
    ...over,
  };
}

/** What a test can check after the API ran. */
export interface Estate extends ApiDependencies {
  readonly sent: { readonly queue: string; readonly body: string }[];
  readonly asked: (string | undefined)[];
  readonly reads: FindingFilter[];
}

interface EstateParts {
  readonly findings?: readonly Finding[];
  readonly summaries?: readonly ClusterSummary[];
  readonly history?: readonly HistoryEntry[];
  readonly audits?: readonly AuditRecord[];
  readonly parked?: readonly ParkedMessage[];
  readonly trend?: readonly EstateDay[];
  readonly policy?: Partial<Policy>;
  readonly policyProblem?: string;
}

const notHere = async () => {
  throw new Error('The API has no business here.');
};

/** The dependencies of the API over a few literals. */
export function anEstate(parts: EstateParts = {}, over: Partial<ApiDependencies> = {}): Estate {
  const findings = [...(parts.findings ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1));
  const names = [...new Set(findings.map(({ clusterName }) => clusterName))];
  const summaries =
    parts.summaries ??
    names.map((name) =>
      aSummary(
        name,
        findings.filter(({ clusterName }) => clusterName === name),
      ),
    );
  const keyed = summaries.map((summary) => ({ summary, key: clusterKey(summary.cluster.id) }));
  const inKeyOrder = keyed.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ summary }) => summary);
  const audits = parts.audits ?? [];
  const parked = new Map((parts.parked ?? []).map((message) => [message.id, message]));
  const settled = new Map<string, ParkedMessage>();
  const sent: { queue: string; body: string }[] = [];
  const asked: (string | undefined)[] = [];
  const reads: FindingFilter[] = [];
  return {
    findings: {
      ofCluster: async (id) => ({
        ...NOTHING_HELD,
        findings: findings.filter(({ clusterId }) => clusterId === id),
        summary: summaries.find(({ cluster }) => cluster.id === id),
      }),
      write: notHere,
      prune: notHere,
      clusterHistory: async (id, of) =>
        (parts.history ?? []).filter(
          ({ clusterId, at, cause }) => clusterId === id && ('cause' in of ? cause === of.cause : at >= of.since),
        ),
      changes: async ({ since, until = NEVER }, top, after) =>
        paged(
          (parts.history ?? []).filter(({ at }) => at >= since && at <= until),
          top,
          after,
        ),
      list: async (filter, top, after) => {
        reads.push(filter);
        const matches = matcherOf(filter);
        const isHeld = (finding: Finding) => {
          const summary = summaries.find(({ cluster }) => cluster.id === finding.clusterId);
          return summary === undefined || mayHold(summary, filter);
        };
        return paged(
          findings.filter((finding) => matches(finding) && isHeld(finding)),
          top,
          after,
        );
      },
      get: async (id) => findings.find((finding) => finding.id === id),
      history: async (id, top, after) =>
        paged(
          (parts.history ?? []).filter(({ findingId }) => findingId === id),
          top,
          after,
        ),
      clusters: async (top, after) => paged(inKeyOrder, top, after),
      cluster: async (id) => summaries.find(({ cluster }) => cluster.id === id.toLowerCase()),
    },
    audits: {
      start: notHere,
      recordSubscription: notHere,
      recordCluster: notHere,
      isWaiting: notHere,
      end: notHere,
      prune: notHere,
      get: async (id) => {
        const audit = audits.find((one) => one.id === id);
        return audit && { audit, subscriptions: [], clusters: [] };
      },
      list: async (top, after) => paged(audits, top, after),
    },
    parked: {
      park: notHere,
      list: async (top, after) => paged([...parked.values()], top, after),
      get: async (id) => parked.get(id),
      settle: async (id, settlement) => {
        const message = parked.get(id);
        if (message !== undefined) settled.set(id, { ...message, settled: settlement });
        parked.delete(id);
      },
      listSettled: async (top, after) => paged([...settled.values()], top, after),
      prune: notHere,
    },
    assessments: { put: notHere, get: async () => undefined },
    policy: async () => ({
      policy: { ...DEFAULT_POLICY, ...parts.policy },
      hash: 'f'.repeat(64),
      source: 'built-in',
      ...(parts.policyProblem === undefined ? {} : { problem: parts.policyProblem }),
    }),
    rules: RULES,
    messages: { raw: async (queue, body) => void sent.push({ queue, body }) },
    startAudit: async (cause, requestedBy) => {
      asked.push(requestedBy);
      return { id: 'audit-9', startedAt: NOW, cause, subscriptions: [SUBSCRIPTION], ...(requestedBy === undefined ? {} : { requestedBy }) };
    },
    scanClusters: async (clusters, requestedBy) => {
      asked.push(requestedBy);
      return { id: 'audit-9', startedAt: NOW, cause: 'request', subscriptions: [], clusters };
    },
    recordSentLook: async ({ sentBy }) => {
      asked.push(sentBy);
      return { assessment: 'assessed', changed: 2, gaps: [] };
    },
    trend: { list: async () => parts.trend ?? [] },
    clock: () => new Date(NOW),
    version: '1.2.3',
    cursorSecret: async () => 'a secret of the test',
    sent,
    asked,
    reads,
    ...over,
  };
}

/** Pages by position; a real store's cursor is a key. */
function paged<T>(all: readonly T[], top: number, after?: string): Page<T> {
  const from = after === undefined ? 0 : Number(after);
  if (!Number.isInteger(from) || from < 0) throw new Fault('malformed', 'The cursor is not ours.');
  const value = all.slice(from, from + top);
  return from + top < all.length ? { value, next: String(from + top) } : { value };
}
