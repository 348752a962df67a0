import { describe, expect, it } from 'vitest';
import { auditDocument } from '../../shared/cli/audit-document.ts';
import { AUDIT_FORMATS, DOCUMENTS } from '../../shared/cli/audit-formats.ts';
import { overlaid } from '../../shared/cli/report.ts';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import type { RuleRun } from '../../shared/domain/rule/rule.ts';
import { FULL, observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import type { AuditedSnapshot } from '../../shared/usecases/audit-snapshot.ts';
import { aFinding, aSummary, NOW, RULES } from '../http/estate.ts';

const dark = unavailable('no-azure-access', 'Read from a kubeconfig: no Azure access.');
const runs: readonly RuleRun[] = [
  {
    ruleId: 'workload-sandboxed',
    state: 'judged',
    coverage: FULL,
    judgements: [{ verdict: 'pass', subject: { kind: 'workload', namespace: 'shop', ownerKind: 'Deployment', ownerName: 'cart' } }],
  },
  { ruleId: 'node-image-current', state: 'unavailable', missing: [{ evidence: 'latestImages', reason: dark.reason }] },
];
const result: AuditedSnapshot = {
  snapshot: {
    schemaVersion: 1,
    cluster: { ...aSummary('prod', []).cluster, id: 'kubeconfig:prod', subscriptionId: '' },
    observedAt: NOW,
    settings: dark,
    nodePools: dark,
    latestImages: dark,
    nodes: observed([], FULL),
    runtimeClasses: observed([], FULL),
    namespaces: observed([], FULL),
    workloads: observed([], FULL),
    isolationProofs: dark,
    templates: dark,
    guardrails: dark,
  },
  runs,
  findings: [aFinding({ ruleId: 'workload-sandboxed', firstSeenAt: NOW, observedAt: NOW, lastSeenAt: NOW })],
  unknown: [],
  notCovered: [],
};
const exemption = {
  id: 'e1',
  rule: 'workload-sandboxed',
  category: 'waiver',
  reason: 'r',
  approvedBy: 'a',
  expiresOn: '2027-01-01T00:00:00Z',
} as const;

async function printed(name: string, exemptions = DEFAULT_POLICY.exemptions): Promise<string> {
  const format = DOCUMENTS.find((one) => one.name === name) ?? expect.unreachable();
  const inForce = { policy: { ...DEFAULT_POLICY, exemptions }, hash: 'f'.repeat(64), source: 'policy.yaml' };
  let text = '';
  const clusters = overlaid({ clusters: [result], notListed: [] }, inForce.policy, new Date(NOW));
  for await (const piece of auditDocument(clusters, format, inForce, RULES, new Date(NOW))) text += piece;
  return text;
}

describe('a judged snapshot as a document', () => {
  it('is SARIF that reports what could not be checked', async () => {
    const [run] = JSON.parse(await printed('sarif')).runs;
    expect(run.results).toMatchObject([{ ruleId: 'workload-sandboxed', baselineState: 'new' }]);
    expect(run.invocations[0].toolExecutionNotifications.length).toBeGreaterThan(0);
  });

  it('is OCSF with findings, passes and unknowns', async () => {
    const events = (await printed('ocsf'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.map(({ compliance }) => compliance.status_id)).toEqual([3, 1, 0]);
  });

  it('honors the exemptions of its policy', async () => {
    const [run] = JSON.parse(await printed('sarif', [exemption])).runs;
    expect(run.results[0].suppressions).toHaveLength(1);
  });

  it.each(DOCUMENTS.map(({ name }) => name))('is %s', async (name) => {
    expect(await printed(name)).toContain('workload-sandboxed');
  });

  it('is a table by default, and never the evidence that only an app stores', () => {
    expect(AUDIT_FORMATS[0]).toBe('table');
    expect(AUDIT_FORMATS).not.toContain('evidence');
  });
});
