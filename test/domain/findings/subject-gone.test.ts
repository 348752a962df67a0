import { describe, expect, it } from 'vitest';
import type { FindingChange } from '../../../shared/domain/findings/finding.ts';
import { reconcile } from '../../../shared/domain/findings/reconcile.ts';
import { DEFAULT_POLICY } from '../../../shared/domain/policy/policy.ts';
import { evaluate } from '../../../shared/domain/rule/evaluate.ts';
import type { Rule } from '../../../shared/domain/rule/rule.ts';
import { observed, unavailable } from '../../../shared/domain/snapshot/observation.ts';
import { TEMPLATES_NOT_GIVEN } from '../../../shared/domain/snapshot/pod-template.ts';
import type { IsolationProof } from '../../../shared/domain/snapshot/snapshot.ts';
import { isolationProven } from '../../../shared/rules/isolation-proven.ts';
import { kataPoolUsed } from '../../../shared/rules/kata-pool-used.ts';
import { nodeImageSupported } from '../../../shared/rules/node-image-supported.ts';
import { workloadSandboxed } from '../../../shared/rules/workload-sandboxed.ts';
import {
  aKataNode,
  aKataPool,
  aPlainPodGroup,
  aPlainPool,
  aPodGroup,
  aSnapshot,
  NOW,
  type SnapshotParts,
} from '../../support/a-snapshot.ts';

const OLD = 'AKSAzureLinux-V3katagen2-202601.27.0';
const hidden = unavailable('unreachable', 'No way in.');
const looseNode = aKataNode({ name: 'nap-1', provisioner: 'karpenter', nodeImageVersion: OLD });
const sharedKernel: IsolationProof = {
  namespace: 'shop',
  pod: 'cart-1',
  ownerKind: 'Deployment',
  ownerName: 'cart',
  node: 'aks-kata1-0',
  runtimeClassName: 'kata-vm-isolation',
  method: 'exec',
  at: NOW,
  nodeBootId: 'one',
  nodeKernel: '',
  result: { state: 'read', bootId: 'one' },
};

/** The reading of a canary in the pool `kata1`. */
const ofCanary = (bootId: string): IsolationProof => ({
  ...sharedKernel,
  ownerKind: 'Canary',
  ownerName: 'kata-vm-isolation',
  nodePool: 'kata1',
  method: 'canary',
  result: { state: 'read', bootId },
});

const labels = { 'kataudit.io/sandbox': 'required' };
const byTemplate = {
  workloads: observed([]),
  templates: observed([{ namespace: 'shop', ownerKind: 'CronJob', ownerName: 'c', labels } as const]),
};
const byPods = { workloads: observed([aPlainPodGroup({ labels })]) };

/** The state of the findings of one scan after another scan a day later. */
function after(rule: Rule, first: SnapshotParts, second: SnapshotParts): readonly string[] {
  const look = (over: SnapshotParts, held: readonly FindingChange[]) => {
    const snapshot = aSnapshot(over);
    const scan = { cluster: snapshot.cluster, observedAt: snapshot.observedAt, cause: 'a test' };
    const findings = held.map(({ finding }) => finding);
    return reconcile(findings, evaluate(snapshot, [rule], DEFAULT_POLICY), scan, [rule]);
  };
  const opened = look(first, []);
  expect(opened.map(({ kind }) => kind)).toEqual(['opened']);
  const changes = look({ ...second, observedAt: '2026-09-02T12:00:00.000Z' }, opened);
  return changes.map(({ finding: { status, resolution, stale } }) => resolution ?? (stale === true ? 'stale' : status));
}

describe('a finding whose subject is missing', () => {
  const loose = { nodePools: observed([aPlainPool()]), nodes: observed([looseNode]) };
  const pool = { nodePools: observed([aKataPool({ nodeImageVersion: OLD })]) };
  const disproved = { isolationProofs: observed([sharedKernel]) };
  const plainPools = observed([aPlainPool()]);

  it.each<[string, Rule, SnapshotParts, SnapshotParts, string]>([
    ['stays open when the nodes could not be listed', nodeImageSupported, loose, { ...loose, nodes: hidden }, 'stale'],
    ['is resolved when the nodes were listed', nodeImageSupported, loose, { ...loose, nodes: observed([]) }, 'subject-gone'],
    [
      'is resolved when a pool is deleted, as only Azure shows',
      nodeImageSupported,
      pool,
      { nodePools: plainPools, nodes: hidden },
      'subject-gone',
    ],
    ['stays open when the pools could not be listed', nodeImageSupported, pool, { nodePools: hidden }, 'stale'],
    ['stays open when the probe is turned off', isolationProven, disproved, {}, 'stale'],
    ['stays open when the workload was not probed again', isolationProven, disproved, { isolationProofs: observed([]) }, 'stale'],
    ['stays open when only canaries ran since', isolationProven, disproved, { isolationProofs: observed([ofCanary('two')]) }, 'stale'],
    [
      'stays open when a pool was disproved by a canary and only pods were probed since',
      isolationProven,
      { isolationProofs: observed([ofCanary('one')]) },
      { isolationProofs: observed([{ ...sharedKernel, result: { state: 'read', bootId: 'two' } }]) },
      'stale',
    ],
    [
      'is resolved when a newer canary proves its pool',
      isolationProven,
      { isolationProofs: observed([ofCanary('one')]) },
      { isolationProofs: observed([ofCanary('two')]) },
      'complies',
    ],
    [
      'is resolved when the workload is deleted and the probe works',
      isolationProven,
      disproved,
      { isolationProofs: observed([]), workloads: observed([]) },
      'subject-gone',
    ],
    [
      'stays open when only a part of the pods was read',
      isolationProven,
      disproved,
      { isolationProofs: observed([]), workloads: observed([], { kind: 'truncated', message: 'Too many.' }) },
      'stale',
    ],
    [
      'stays open when only a part of the pods was read and none of them shows that it is fixed',
      kataPoolUsed,
      { workloads: observed([]) },
      { workloads: observed([], { kind: 'truncated', message: 'Too many.' }) },
      'stale',
    ],
    [
      'is resolved when a part of the pods shows that it is fixed',
      kataPoolUsed,
      { workloads: observed([]) },
      { workloads: observed([aPodGroup()], { kind: 'truncated', message: 'Too many.' }) },
      'complies',
    ],
    [
      'stays open when a CronJob was judged by its template and the right to read it is taken away',
      workloadSandboxed,
      byTemplate,
      { ...byTemplate, templates: TEMPLATES_NOT_GIVEN },
      'stale',
    ],
    [
      'stays open when a CronJob was judged by its template and not all templates were kept',
      workloadSandboxed,
      byTemplate,
      { ...byTemplate, templates: observed([], { kind: 'truncated', message: 'Too many.' }) },
      'stale',
    ],
    ['is resolved when a CronJob is gone', workloadSandboxed, byTemplate, { ...byTemplate, templates: observed([]) }, 'subject-gone'],
    [
      'is resolved when pods that it was judged by are gone, whether templates are read or not',
      workloadSandboxed,
      byPods,
      { workloads: observed([]), templates: TEMPLATES_NOT_GIVEN },
      'subject-gone',
    ],
  ])('%s', (_, rule, first, second, expected) => expect(after(rule, first, second)).toEqual([expected]));
});
