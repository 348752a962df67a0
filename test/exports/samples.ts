import type { Subject } from '../../shared/domain/snapshot/subject.ts';
import type { ExportContext, ExportedFinding, Exporter } from '../../shared/exports/export.ts';
import { aFinding, aSummary, NOW, RULES } from '../http/estate.ts';

/** A text with every kind of injection at once. */
export const HOSTILE = `=cmd|' /C calc'!A0"<script>alert(1)</script>[x](javascript:1)\\\r\n---\n../..\u202e\u0000\u007f\ud800`;

export const workload = (namespace: string, ownerName: string): Subject => ({
  kind: 'workload',
  namespace,
  ownerKind: 'Deployment',
  ownerName,
});

export const exemption = {
  id: 'e1',
  rule: 'node-image-current',
  category: 'waiver',
  reason: HOSTILE,
  approvedBy: 'platform',
  expiresOn: '2026-12-01T00:00:00Z',
} as const;

const sample = {
  kind: 'sample',
  sampledNodes: 20,
  totalNodes: 200,
  sampledPods: 400,
  upperBound: 0.131,
  confidence: 0.95,
  seed: 's',
} as const;

/** Commands of a finding. */
export const COMMANDS = [
  { run: 'kubectl get --context prod -- pods a', deletes: false, context: 'prod' },
  { run: 'kubectl delete --context prod -- pods a', deletes: true, context: 'prod' },
];

const observedAt = '2026-11-23T06:00:00.250Z';
const resolved = { status: 'resolved', resolvedAt: observedAt } as const;

/** One finding for every state and every kind of subject, with hostile text where possible. */
export const FINDINGS: readonly ExportedFinding[] = [
  { finding: aFinding({ firstSeenAt: observedAt, observedAt }) },
  { finding: aFinding({ severity: 'critical', subject: { kind: 'cluster' }, coverage: sample }) },
  { finding: aFinding({ subject: { kind: 'node', name: 'n1' }, severity: 'low', stale: true }) },
  { finding: aFinding({ subject: { kind: 'runtime-class', name: 'kata' }, severity: 'info', ...resolved, resolution: 'complies' }) },
  { finding: aFinding({ subject: { kind: 'node-pool', name: 'gone' }, severity: 'medium', ...resolved, resolution: 'subject-gone' }) },
  { finding: aFinding({ subject: workload('shop', 'cart'), ruleId: 'workload-sandboxed', commands: COMMANDS }), exemption },
  { finding: aFinding({ subject: workload(HOSTILE, HOSTILE), message: HOSTILE, remediation: HOSTILE, facts: { [HOSTILE]: HOSTILE } }) },
  { finding: aFinding({ clusterName: 'local', clusterId: 'kubeconfig:../evil', ruleId: 'retired-rule' }) },
];

/** The context of a test's export. */
export function aContext(over: Partial<ExportContext> = {}): ExportContext {
  const gaps = [{ evidence: 'nodes', reason: { code: 'denied', message: HOSTILE } }] as const;
  return {
    rules: RULES,
    generatedAt: NOW,
    version: '1.2.3',
    policy: { hash: 'f'.repeat(64), source: 'built-in' },
    clusters: async function* () {
      yield aSummary('prod', []);
      yield aSummary('dark', [], { assessment: 'not-assessed', gaps });
    },
    ...over,
  };
}

/** The whole output of an exporter. */
export async function written(write: Exporter, findings: readonly ExportedFinding[] = FINDINGS, context = aContext()): Promise<string> {
  let text = '';
  for await (const piece of write(from(findings), context)) text += piece;
  return text;
}

export async function* from<T>(values: Iterable<T>): AsyncGenerator<T, void, undefined> {
  yield* values;
}
