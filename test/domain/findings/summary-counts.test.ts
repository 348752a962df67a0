import { describe, expect, it } from 'vitest';
import { summarize } from '../../../shared/domain/findings/summarize.ts';
import type { RuleRun } from '../../../shared/domain/rule/rule.ts';
import { FULL, observed, unavailable } from '../../../shared/domain/snapshot/observation.ts';
import { aFinding } from '../../http/estate.ts';
import { aCluster, aKataPool, aPlainPodGroup, aPlainPool, aPodGroup, aSnapshot, NOW, someSettings } from '../../support/a-snapshot.ts';

const EARLIER = '2026-08-31T12:00:00.000Z';
const earlier = {
  ...summarize({ snapshot: aSnapshot(), runs: [], findings: [], cause: 'audit-0' }),
  observedAt: EARLIER,
  lastAssessedAt: EARLIER,
};
const of = (over: Parameters<typeof aSnapshot>[0], runs: readonly RuleRun[] = []) =>
  summarize({ snapshot: aSnapshot(over), runs, findings: [], previous: earlier, cause: 'audit-1' });

describe('the summary of a cluster', () => {
  it('counts only active pods, and as sandboxed only those that their class is known to have started', () => {
    const finished = { pending: 0, running: 0, succeeded: 7, failed: 0, unknown: 0 };
    const workloads = observed([
      aPodGroup({ pods: 2 }),
      aPodGroup({ pods: 7, phases: finished }),
      aPodGroup({ pods: 3, olderThanClass: 1 }),
      aPodGroup({ pods: 4, runtimeClassName: 'gone' }),
      aPlainPodGroup({ pods: 5 }),
    ]);
    expect(of({ workloads })).toMatchObject({ pods: 14, sandboxedPods: 2 });
  });

  it('counts pods of a handler that the policy of the scan accepts', () => {
    const runtimeClasses = observed([{ name: 'kata-vm-isolation', handler: 'kata-qemu', nodeSelector: {} }]);
    expect(of({ runtimeClasses }).sandboxedPods).toBe(0);
    expect(of({ runtimeClasses, acceptedHandlers: ['kata-*'] }).sandboxedPods).toBe(2);
  });

  it('counts pools, open findings and verdicts, and keeps the settings that were seen', () => {
    const judged: RuleRun = {
      ruleId: 'node-image-current',
      state: 'judged',
      coverage: FULL,
      judgements: (['pass', 'fail', 'fail', 'unknown', 'not-applicable'] as const).map((verdict) => ({
        verdict,
        subject: { kind: 'cluster' },
        message: 'm',
      })),
    };
    const findings = [aFinding(), aFinding(), aFinding({ severity: 'low', status: 'resolved' })];
    const summary = summarize({ snapshot: aSnapshot(), runs: [judged], findings, cause: 'audit-1' });
    expect(summary).toMatchObject({
      status: 'present',
      cause: 'audit-1',
      observedAt: NOW,
      lastSeen: { at: NOW, cause: 'audit-1' },
      settings: someSettings(),
      nodePools: 2,
      kataNodePools: 1,
      openBySeverity: { critical: 0, high: 2, medium: 0, low: 0, info: 0 },
      openSince: { high: { '2026-11-01': 2 } },
      rules: { 'node-image-current': { open: 2, verdicts: { pass: 1, fail: 2, unknown: 1, 'not-applicable': 1 } } },
    });
    expect(of({ nodePools: unavailable('denied', 'no'), settings: unavailable('denied', 'no') })).toMatchObject({
      nodePools: 0,
      kataNodePools: 0,
    });
    expect(of({ runtimeClasses: unavailable('denied', 'no') }).sandboxedPods).toBe(0);
  });

  it('is of a present cluster, whatever it was before', () => {
    const gone = summarize({ snapshot: aSnapshot(), runs: [], findings: [], cause: 'a', previous: { ...earlier, status: 'deleted' } });
    expect(gone.status).toBe('present');
    const cluster = aCluster({ tags: { owner: 'new' }, location: 'northeurope' });
    expect(of({ cluster }).cluster).toEqual(cluster);
  });

  it('names findings that could not be stored among its gaps', () => {
    const unstored = [{ evidence: 'rule', reason: { code: 'too-large', message: 'Too large.' } }] as const;
    expect(summarize({ snapshot: aSnapshot(), runs: [], findings: [], cause: 'a', unstored })).toMatchObject({
      gaps: unstored,
      assessment: 'partly-assessed',
    });
  });

  it('is assessed when everything was read, and not when a part was not', () => {
    expect(of({})).toMatchObject({ assessment: 'assessed', lastAssessedAt: NOW });
    const denied = unavailable('denied', 'Forbidden.');
    expect(of({ namespaces: denied })).toMatchObject({ assessment: 'partly-assessed', lastAssessedAt: EARLIER, missedAudits: 0 });
    for (const seen of [of({ nodes: denied }), of({ workloads: denied })])
      expect(seen).toMatchObject({ assessment: 'partly-assessed', missedAudits: 0, lastSeen: { at: NOW } });
    expect(of({ nodes: denied, workloads: denied })).toMatchObject({ lastSeen: { at: earlier.lastSeen?.at } });
    expect(of({ nodes: denied, workloads: denied })).toMatchObject({ assessment: 'not-assessed', missedAudits: 1 });
    expect(of({ workloads: observed([], { kind: 'truncated', message: 'Too many.' }) }).gaps).toMatchObject([
      { evidence: 'workloads', reason: { code: 'too-large', message: 'Too many.' } },
    ]);
  });

  it('counts a failed rule, or one that could not judge, as unknown', () => {
    const runs: readonly RuleRun[] = [
      { ruleId: 'a', state: 'error', message: 'Broken.' },
      { ruleId: 'b', state: 'unavailable', missing: [] },
      { ruleId: 'c', state: 'off' },
    ];
    const { rules, gaps } = of({}, runs);
    expect([rules.a?.verdicts.unknown, rules.b?.verdicts.unknown, rules.c?.verdicts.unknown]).toEqual([1, 1, 0]);
    expect(gaps).toMatchObject([{ evidence: 'rule', reason: { message: 'a: Broken.' } }]);
  });

  it('names the oldest node image of its pools', () => {
    const nodePools = observed([
      aPlainPool({ name: 'new', nodeImageVersion: 'AKSAzureLinux-V3gen2-202608.20.0' }),
      aKataPool({ name: 'old', nodeImageVersion: 'AKSAzureLinux-V3katagen2-202606.19.0' }),
      aPlainPool({ name: 'odd', nodeImageVersion: 'nothing that can be read' }),
    ]);
    expect(of({ nodePools }).oldestImage).toMatchObject({ nodePool: 'old' });
  });
});
