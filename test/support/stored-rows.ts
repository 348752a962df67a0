import type { EstateFigures } from '../../shared/domain/findings/estate-figures.ts';
import { type Finding, fingerprint, type HistoryEntry } from '../../shared/domain/findings/finding.ts';
import type { ClusterSummary } from '../../shared/domain/findings/summary.ts';
import type { AuditRecord } from '../../shared/ports/audit-store.ts';
import { NOTHING_HELD } from '../../shared/ports/finding-store.ts';
import type { Storage } from '../../shared/storage/storage.ts';

/** The time of everything in the fixtures. */
export const STORED_AT = '2026-11-23T04:00:00.000Z';

const SUBSCRIPTION = '11111111-1111-4111-8111-111111111111';
const CLUSTER_ID = `/subscriptions/${SUBSCRIPTION}/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/shop`;
const AUDIT_ID = '20261123t040000000z-0a1b2c3d';

const AUDIT: AuditRecord = {
  id: AUDIT_ID,
  startedAt: STORED_AT,
  cause: 'request',
  requestedBy: SUBSCRIPTION,
  subscriptions: [SUBSCRIPTION],
};
const FIGURES: EstateFigures = {
  clusters: 1,
  blind: 1,
  proven: 0,
  openBySeverity: { critical: 1, high: 0, medium: 0, low: 0, info: 0 },
  required: { sandboxed: 3, exposed: 1, unknown: 1 },
  images: { current: 0, aging: 1, stale: 0, unsupported: 0, unknown: 0 },
  overdue: 1,
  exempted: 1,
};

const OPEN: Finding = {
  id: fingerprint(CLUSTER_ID, 'workload-sandboxed', { kind: 'workload', namespace: 'pay', ownerKind: 'Deployment', ownerName: 'api' }),
  ruleId: 'workload-sandboxed',
  clusterId: CLUSTER_ID,
  clusterName: 'shop',
  subscriptionId: SUBSCRIPTION,
  subject: { kind: 'workload', namespace: 'pay', ownerKind: 'Deployment', ownerName: 'api' },
  severity: 'critical',
  status: 'open',
  message: 'The workload runs without a pod VM: <b>“ünïcode”</b>.',
  remediation: 'Set runtimeClassName.',
  facts: { pods: 12, examples: ['api-1', 'api-2'], sampled: false, handler: 'runc' },
  coverage: {
    kind: 'sample',
    sampledNodes: 3,
    totalNodes: 9,
    sampledPods: 30,
    totalPods: 90,
    upperBound: 0.25,
    confidence: 0.95,
    seed: 's',
  },
  firstSeenAt: '2026-11-20T04:00:00.000Z',
  lastSeenAt: STORED_AT,
  reopenCount: 1,
  observedAt: STORED_AT,
};
const RESOLVED: Finding = {
  ...OPEN,
  id: fingerprint(CLUSTER_ID, 'node-image-current', { kind: 'node-pool', name: 'kata' }),
  ruleId: 'node-image-current',
  subject: { kind: 'node-pool', name: 'kata' },
  severity: 'high',
  status: 'resolved',
  coverage: { kind: 'targeted', namespaces: ['shop'], nodes: 3, totalNodes: 60, pods: 120, totalPods: 4_000 },
  resolvedAt: STORED_AT,
  resolution: 'complies',
  reopenCount: 0,
};
const HISTORY: readonly HistoryEntry[] = [
  {
    findingId: OPEN.id,
    clusterId: CLUSTER_ID,
    ruleId: OPEN.ruleId,
    at: STORED_AT,
    kind: 'reopened',
    cause: AUDIT_ID,
    severity: 'critical',
    message: OPEN.message,
  },
  {
    findingId: RESOLVED.id,
    clusterId: CLUSTER_ID,
    ruleId: RESOLVED.ruleId,
    at: STORED_AT,
    kind: 'resolved',
    cause: AUDIT_ID,
    severity: 'high',
    message: RESOLVED.message,
    resolution: 'complies',
  },
];
const SUMMARY: ClusterSummary = {
  cluster: {
    id: CLUSTER_ID,
    name: 'shop',
    subscriptionId: SUBSCRIPTION,
    resourceGroup: 'rg',
    location: 'westeurope',
    tags: { team: 'pay' },
  },
  assessment: 'partly-assessed',
  gaps: [{ evidence: 'workloads', reason: { code: 'throttled', message: 'The API server was busy.' } }],
  observedAt: STORED_AT,
  lastAssessedAt: '2026-11-22T04:00:00.000Z',
  lastSeen: { at: STORED_AT, cause: AUDIT_ID },
  cause: AUDIT_ID,
  status: 'present',
  settings: {
    kubernetesVersion: '1.34.2',
    powerState: 'Running',
    provisioningState: 'Succeeded',
    privateCluster: false,
    entraIntegrated: true,
    azureRbac: true,
    localAccountsDisabled: true,
  },
  openBySeverity: { critical: 1, high: 0, medium: 0, low: 0, info: 0 },
  rules: { 'workload-sandboxed': { open: 1, verdicts: { pass: 3, fail: 1, unknown: 0, 'not-applicable': 0 } } },
  nodePools: 2,
  kataNodePools: 1,
  pods: 90,
  sandboxedPods: 12,
  missedAudits: 0,
};

/** Writes one example of everything that the tables store. */
export async function writeEverything(storage: Storage): Promise<void> {
  const { findings, audits, trend, parked, events, exemptions } = storage;
  await findings.write({ clusterId: CLUSTER_ID, findings: [OPEN, RESOLVED], history: HISTORY, summary: SUMMARY, basedOn: NOTHING_HELD });
  await audits.start(AUDIT);
  await audits.recordSubscription({
    auditId: AUDIT_ID,
    subscriptionId: SUBSCRIPTION,
    at: STORED_AT,
    outcome: { state: 'listed', clusters: 1 },
  });
  await audits.recordCluster({
    auditId: AUDIT_ID,
    clusterId: CLUSTER_ID,
    at: STORED_AT,
    state: 'partly-assessed',
    reasons: [{ code: 'throttled', message: 'The API server was busy.' }],
    changed: 2,
  });
  await audits.end(AUDIT, {
    state: 'incomplete',
    endedAt: STORED_AT,
    planned: 1,
    scanned: 1,
    notAssessed: 1,
    notListed: 1,
    changed: 2,
    figures: FIGURES,
  });
  await trend.put({ day: STORED_AT.slice(0, 10), openBySeverity: FIGURES.openBySeverity, seen: { clusters: 1, blind: 1, proven: 0 } });
  await parked.park({
    id: 'scans-1',
    queue: 'scans',
    body: '{"clusterId":"x"}',
    reason: 'Five tries failed.',
    parkedAt: STORED_AT,
    dequeueCount: 5,
  });
  await events.remember('event/1?', STORED_AT);
  await events.tryClaim('settle/x', 'event/1?', '2026-11-23T04:01:00.000Z', STORED_AT);
  await events.note(CLUSTER_ID, { matter: 'rolling', nodePool: 'kata', kind: 'rolling-failed', at: STORED_AT }, STORED_AT);
  const exemption = {
    id: 'e1',
    rule: 'workload-sandboxed',
    namespace: 'pay*',
    category: 'waiver',
    reason: 'Moving in December.',
    approvedBy: 'ciso',
    expiresOn: '2026-12-31T00:00:00.000Z',
  } as const;
  await exemptions.put({ exemption, updatedAt: STORED_AT }, undefined);
}

/** Reads everything back through the ports, without the values that the service generates (ETags). */
export async function readEverything(storage: Storage) {
  const { findings, audits, trend, parked, events, exemptions } = storage;
  const { version: _version, ...held } = await findings.ofCluster(CLUSTER_ID);
  return {
    held: { ...held, findings: held.findings.toSorted((a, b) => a.ruleId.localeCompare(b.ruleId)) },
    finding: await findings.get(OPEN.id),
    history: await findings.history(RESOLVED.id, 10),
    changes: (await findings.changes({ since: '2026-11-01T00:00:00.000Z' }, 10)).value
      .map(({ ruleId, kind }) => `${ruleId} ${kind}`)
      .sort(),
    clusters: await findings.clusters(10),
    audit: await audits.get(AUDIT_ID),
    audits: await audits.list(10),
    trend: await trend.list('2026-11-01', '2026-11-30'),
    parked: await parked.list(10),
    remembered: await events.isRemembered('event/1?'),
    claimedByAnother: await events.tryClaim('settle/x', 'event/2', '2026-11-23T04:01:00.000Z', STORED_AT),
    notices: await events.notices(CLUSTER_ID),
    exemptions: (await exemptions.list()).map(({ version: _tag, ...exemption }) => exemption),
  };
}
