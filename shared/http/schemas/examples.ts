const SUBSCRIPTION = '11111111-2222-4333-8444-555555555555';
const CLUSTER_ID = `/subscriptions/${SUBSCRIPTION}/resourcegroups/platform/providers/microsoft.containerservice/managedclusters/prod-west`;
const FINDING_ID = '5a1c2f0e9b7d4c36-4d5ed8162aef4ca5055a0f92c84d6a22';
const SEEN = '2026-11-23T06:00:12.000Z';
const REASON = { code: 'not-entra-integrated', message: 'The cluster has no Entra ID integration.' };
const NO_AZURE = { state: 'unavailable', reason: { code: 'no-azure-access', message: 'Read from a kubeconfig: no Azure access.' } };
const NOTHING_SEEN = { state: 'observed', value: [], coverage: { kind: 'full' } };

const finding = {
  id: FINDING_ID,
  ruleId: 'workload-sandboxed',
  clusterId: CLUSTER_ID,
  clusterName: 'prod-west',
  subscriptionId: SUBSCRIPTION,
  subject: { kind: 'workload', namespace: 'shop', ownerKind: 'Deployment', ownerName: 'cart' },
  severity: 'critical',
  status: 'open',
  message: 'Three pods run with runc: they name no RuntimeClass.',
  remediation: 'Set runtimeClassName: kata-vm-isolation in the pod template.',
  commands: [
    { run: `az aks get-credentials --subscription ${SUBSCRIPTION} --resource-group platform --name prod-west`, deletes: false },
    {
      run: "kubectl patch --context prod-west --namespace shop --patch 'spec: {template: {spec: {runtimeClassName: kata-vm-isolation}}}' -- deployments.apps cart",
      deletes: false,
      context: 'prod-west',
    },
  ],
  facts: { pods: 3, handler: 'runc' },
  coverage: { kind: 'full' },
  firstSeenAt: '2026-11-01T00:00:09.000Z',
  lastSeenAt: SEEN,
  reopenCount: 0,
  observedAt: SEEN,
  changedAt: '2026-11-01T00:00:09.000Z',
  owner: 'team-shop',
  dueOn: '2026-11-08',
  overdue: true,
};
const exemption = {
  id: 'december-freeze',
  rule: 'node-image-current',
  cluster: 'prod-*',
  category: 'waiver',
  reason: 'Upgrade freeze until the release of December.',
  approvedBy: 'platform-security',
  expiresOn: '2026-12-31T00:00:00.000Z',
};
const severities = { critical: 1, high: 2, medium: 0, low: 4, info: 0 };
const tally = { open: 1, verdicts: { pass: 41, fail: 1, unknown: 0, 'not-applicable': 7 } };
const audit = { id: '20261123t060000000z-1f0c9a2b', startedAt: '2026-11-23T06:00:00.000Z', cause: 'timer', subscriptions: [SUBSCRIPTION] };
const AUDIT_OUTCOME = { endedAt: '2026-11-23T06:00:12.000Z', planned: 1, scanned: 1, notAssessed: 0, notListed: 0, changed: 2 };
const opened = {
  findingId: FINDING_ID,
  clusterId: CLUSTER_ID,
  ruleId: finding.ruleId,
  at: finding.firstSeenAt,
  kind: 'opened',
  cause: audit.id,
  severity: finding.severity,
  message: finding.message,
};
const rule = {
  id: 'workload-sandboxed',
  title: 'Workloads that must be sandboxed run in a pod VM',
  severity: 'critical',
  state: 'on',
  rationale: 'A workload that shares the kernel of its node is not isolated from its neighbors.',
  remediation: 'Set runtimeClassName to a class whose handler starts a pod VM.',
  references: ['https://learn.microsoft.com/azure/aks/use-pod-sandboxing'],
  requires: ['workloads', 'runtimeClasses'],
  consults: ['nodes'],
};

const clusterSummary = {
  cluster: {
    id: CLUSTER_ID,
    name: 'prod-west',
    subscriptionId: SUBSCRIPTION,
    resourceGroup: 'platform',
    location: 'westeurope',
    tags: { team: 'platform' },
  },
  assessment: 'assessed',
  gaps: [],
  observedAt: SEEN,
  lastAssessedAt: SEEN,
  lastSeen: { at: SEEN, cause: audit.id },
  cause: audit.id,
  status: 'present',
  openBySeverity: severities,
  rules: { 'workload-sandboxed': tally },
  nodePools: 3,
  kataNodePools: 1,
  pods: 412,
  sandboxedPods: 38,
  missedAudits: 0,
  oldestImage: { nodePool: 'kata1', nodeImageVersion: 'AKSAzureLinux-V3katagen2-202610.12.0', releasedOn: '2026-10-12' },
};
const isolation = {
  observedAt: SEEN,
  nodePools: [{ nodePool: 'kata1', step: 'resolved', reason: 'Not probed: The isolation probe is off.' }],
  workloads: [
    {
      namespace: 'shop',
      ownerKind: 'Deployment',
      ownerName: 'payments',
      runtimeClassName: 'kata-vm-isolation',
      pods: 3,
      step: 'resolved',
      reason: 'Not probed: The isolation probe is off.',
    },
  ],
  moreWorkloads: 0,
};

const snapshot = {
  schemaVersion: 1,
  cluster: { id: 'kubeconfig:prod-west', name: 'prod-west', subscriptionId: '', resourceGroup: '', location: '', tags: {} },
  observedAt: SEEN,
  settings: NO_AZURE,
  nodePools: NO_AZURE,
  latestImages: NO_AZURE,
  nodes: NOTHING_SEEN,
  runtimeClasses: NOTHING_SEEN,
  namespaces: NOTHING_SEEN,
  workloads: NOTHING_SEEN,
  isolationProofs: { state: 'unavailable', reason: { code: 'not-asked', message: 'The isolation probe is off.' } },
};

/** Example values by component name; a test validates each with its schema. */
export const EXAMPLES: Readonly<Record<string, unknown>> = {
  Reason: REASON,
  Finding: finding,
  HistoryEntry: opened,
  ClusterSummary: clusterSummary,
  Isolation: isolation,
  Cluster: { ...clusterSummary, isolation },
  Summary: {
    clusters: {
      total: 12,
      byStatus: { present: 11, deleted: 1, 'out-of-scope': 0 },
      byAssessment: { assessed: 9, 'partly-assessed': 1, 'not-assessed': 1 },
      stale: 1,
    },
    openBySeverity: severities,
    exemptedBySeverity: { ...severities, critical: 0, high: 1, low: 0 },
    rules: { 'workload-sandboxed': { ...tally, clusters: 1 } },
    gaps: { 'not-entra-integrated': 1 },
    nodePools: 31,
    kataNodePools: 12,
    pods: 4_120,
    sandboxedPods: 380,
    oldestObservedAt: SEEN,
    policy: { hash: 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c', source: 'policy/policy.yaml' },
  },
  Rule: rule,
  Audit: audit,
  ListedAudit: { ...audit, state: 'complete', outcome: AUDIT_OUTCOME },
  AuditChanges: { value: [opened], complete: true },
  AuditDifference: { changes: [opened], newlyBlind: [CLUSTER_ID], seenAgain: [], complete: true },
  FindingPage: { value: [finding], hidden: 2, count: 1 },
  FindingGroups: {
    value: [
      {
        key: 'workload-sandboxed',
        label: 'workload-sandboxed',
        count: 1,
        overdue: 1,
        bySeverity: { critical: 1, high: 0, medium: 0, low: 0, info: 0 },
        clusters: 1,
        oldest: finding.firstSeenAt,
      },
    ],
    count: 1,
    hidden: 2,
    complete: true,
  },
  FindingFacets: {
    severity: [{ value: 'critical', label: 'critical', count: 1 }],
    rule: [{ value: finding.ruleId, label: finding.ruleId, count: 1 }],
    cluster: [{ value: CLUSTER_ID, label: 'prod-west', count: 1 }],
    subscription: [{ value: SUBSCRIPTION, label: SUBSCRIPTION, count: 1 }],
    namespace: [{ value: 'shop', label: 'shop', count: 1 }],
    pool: [],
    kind: [{ value: 'workload', label: 'workload', count: 1 }],
    owner: [{ value: 'team-shop', label: 'team-shop', count: 1 }],
    tag: [{ value: 'team=platform', label: 'team=platform', count: 1 }],
    exempted: [{ value: 'false', label: 'false', count: 1 }],
    overdue: [{ value: 'true', label: 'true', count: 1 }],
    complete: true,
  },
  ExemptionPreview: { findings: 1, ids: [FINDING_ID] },
  AuditReport: {
    audit,
    subscriptions: [
      { auditId: audit.id, subscriptionId: SUBSCRIPTION, at: '2026-11-23T06:00:03.000Z', outcome: { state: 'listed', clusters: 1 } },
    ],
    clusters: [{ auditId: audit.id, clusterId: CLUSTER_ID, at: SEEN, state: 'assessed', reasons: [], changed: 2 }],
    outcome: { state: 'complete', planned: 1, scanned: 1, notAssessed: [], notListed: [], changed: 2, durationSeconds: 12 },
  },
  Exemption: exemption,
  HeldExemption: {
    ...exemption,
    origin: 'api',
    state: 'live',
    findings: 4,
    updatedAt: '2026-11-23T09:30:00.000Z',
    updatedBy: 'aaaaaaaa-0000-4000-8000-000000000001',
  },
  ExemptionUse: { id: exemption.id, rule: exemption.rule, origin: 'api', state: 'live', findings: 4, expiresOn: exemption.expiresOn },
  ExportFormat: {
    name: 'sarif',
    mediaType: 'application/sarif+json',
    extension: 'sarif',
    openOnly: true,
    holdsVerdicts: false,
    wholeOnly: false,
  },
  ParkedMessage: {
    id: '5a1c2f0e9b7d4c36',
    queue: 'scans',
    body: JSON.stringify({ clusterId: CLUSTER_ID, cause: audit.id, requestedAt: audit.startedAt }),
    reason: 'The cluster could not be read five times.',
    parkedAt: SEEN,
    dequeueCount: 5,
  },
  Liveness: { status: 'alive' },
  Health: {
    status: 'degraded',
    version: '0.1.0',
    checks: [
      { name: 'settings', status: 'healthy', message: 'The settings are valid.' },
      { name: 'storage', status: 'healthy', message: 'The storage can be read.' },
      { name: 'policy', status: 'degraded', message: 'policy.yaml, line 7: rules.node-image-curent is no rule.' },
    ],
  },
  Problem: {
    type: 'about:blank',
    title: 'Bad request',
    status: 400,
    detail: 'The query is invalid.',
    errors: [{ field: 'top', detail: 'expected a whole number from 1 to 1000' }],
  },
  Snapshot: snapshot,
  HeldLook: { policyHash: 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c', snapshot },
  RecordedLook: { clusterId: CLUSTER_ID, observedAt: SEEN, assessment: 'assessed', changed: 2, gaps: [] },
  AuditRequest: { clusters: [CLUSTER_ID] },
  BundleHead: {
    sequence: 7,
    sha256: '0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9',
    sealedAt: SEEN,
    auditId: 'audit-9',
  },
  SessionRequest: { key: 'Vd7yB1n3kq0wZt5sR8uXoPmJ2cLfGhA4eYiT6rNvK9Q' },
  Session: { role: 'reader', expiresAt: '2026-11-30T20:00:00.000Z' },
};
