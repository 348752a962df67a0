import { describe, expect, it } from 'vitest';
import {
  lastSeen,
  runsBesideSentLook,
  sentCause,
  sentLookBeside,
  summaryBesideSentLook,
  summaryOfLateSentLook,
} from '../../../shared/domain/findings/sent-look.ts';
import type { ClusterSummary, CoverageGap } from '../../../shared/domain/findings/summary.ts';
import { defineRule, type RuleRun } from '../../../shared/domain/rule/rule.ts';
import { FULL, observed, unavailable } from '../../../shared/domain/snapshot/observation.ts';
import { aSummary } from '../../http/estate.ts';
import { aSnapshot, type SnapshotParts, someSettings } from '../../support/a-snapshot.ts';

const SEEN = { at: '2026-09-01T12:00:00.000Z', cause: sentCause('object-1', '2026-09-01T12:00:00.000Z') };
const hidden = unavailable('unreachable', 'No way in.');
const gap = (evidence: CoverageGap['evidence'], message: string, code: CoverageGap['reason']['code'] = 'unreachable'): CoverageGap => ({
  evidence,
  reason: { code, message },
});
const verdicts = (pass: number) => ({ open: 0, verdicts: { pass, fail: 0, unknown: 0, 'not-applicable': 0 } });

describe('the pushed snapshot in force', () => {
  const beside = (observedAt: string, over: SnapshotParts = {}, previous: Partial<ClusterSummary> = {}) =>
    sentLookBeside(
      aSnapshot({ observedAt, nodes: hidden, workloads: hidden, ...over }),
      aSummary('a', [], { lastSeen: SEEN, ...previous }),
    );

  it.each([
    ['for a week, to the millisecond', beside('2026-09-08T12:00:00.000Z'), SEEN],
    ['no longer', beside('2026-09-08T12:00:00.001Z'), undefined],
    ['not when the app read nodes', beside(SEEN.at, { nodes: observed([]) }), undefined],
    ['not when the app read pods', beside(SEEN.at, { workloads: observed([]) }), undefined],
    ['not for a deleted cluster', beside(SEEN.at, {}, { status: 'deleted' }), undefined],
    ['not when the app itself scanned last', beside(SEEN.at, {}, { lastSeen: { ...SEEN, cause: 'audit-1' } }), undefined],
    ['not for a new cluster', sentLookBeside(aSnapshot({ nodes: hidden, workloads: hidden }), undefined), undefined],
  ])('is in force %s', (_, seen, expected) => expect(seen).toEqual(expected));

  it('is that of the newest scan, also from data of version 0.1.0', () => {
    const { observedAt, cause } = aSummary('a', []);
    expect(lastSeen(aSummary('a', []))).toEqual({ at: observedAt, cause });
    expect(lastSeen(aSummary('a', [], { assessment: 'not-assessed' }))).toBeUndefined();
    expect(lastSeen(aSummary('a', [], { assessment: 'not-assessed', lastSeen: SEEN }))).toEqual(SEEN);
    expect(lastSeen(undefined)).toBeUndefined();
  });
});

describe('the runs of a scan without Kubernetes access', () => {
  const metadata = { title: 't', severity: 'low', rationale: '', remediation: '', references: [], evaluate: () => [] } as const;
  const rules = [
    defineRule({ ...metadata, id: 'gaps', requires: [], consults: ['settings', 'nodes'] }),
    defineRule({ ...metadata, id: 'of-azure', requires: [], consults: ['settings'] }),
    defineRule({ ...metadata, id: 'of-nodes', requires: ['nodes'], consults: ['workloads'] }),
  ];
  const judged = (ruleId: string): RuleRun => ({ ruleId, state: 'judged', coverage: FULL, judgements: [] });

  it('omit gaps that a pushed snapshot filled, and keep everything else', () => {
    const runs = runsBesideSentLook(['gaps', 'of-azure', 'of-nodes'].map(judged), rules);
    expect(runs).toEqual([{ ruleId: 'gaps', state: 'unavailable', missing: [] }, judged('of-azure'), judged('of-nodes')]);
    const others: readonly RuleRun[] = [
      { ruleId: 'gaps', state: 'off' },
      { ruleId: 'gaps', state: 'error', message: 'm' },
    ];
    expect(runsBesideSentLook(others, rules)).toEqual(others);
  });
});

describe('the summary of a scan without Kubernetes access and a pushed snapshot', () => {
  const previous = aSummary('a', [], {
    gaps: [gap('nodePools', 'of before'), gap('namespaces', 'not sent')],
    settings: someSettings({ kubernetesVersion: '1.30.0' }),
    rules: { shown: verdicts(5), told: verdicts(6), off: verdicts(7) },
    pods: 9,
    sandboxedPods: 8,
    missedAudits: 2,
    nodePools: 4,
    kataNodePools: 3,
  });
  const blind = aSummary('a', [], {
    assessment: 'not-assessed',
    gaps: [gap('latestImages', 'not read'), gap('nodes', 'private', 'timed-out'), gap('workloads', 'other')],
    rules: { shown: verdicts(0), told: verdicts(1), fresh: verdicts(2) },
    pods: 0,
    sandboxedPods: 0,
    missedAudits: 3,
    nodePools: 0,
    kataNodePools: 0,
  });
  const runs: readonly RuleRun[] = [
    { ruleId: 'shown', state: 'unavailable', missing: [] },
    { ruleId: 'told', state: 'judged', coverage: FULL, judgements: [] },
    { ruleId: 'fresh', state: 'unavailable', missing: [] },
  ];

  it('contains the pushed evidence, the present data of Azure, and why the app itself read nothing', () => {
    const summary = summaryBesideSentLook(blind, previous, SEEN, runs);
    expect(summary).toMatchObject({
      assessment: 'partly-assessed',
      settings: { kubernetesVersion: '1.30.0' },
      rules: { shown: verdicts(5), told: verdicts(1), fresh: verdicts(2) },
      ...{ pods: 9, sandboxedPods: 8, missedAudits: 2, nodePools: 4, kataNodePools: 3, lastSeen: SEEN },
    });
    expect(summary.gaps.map(({ evidence, reason }) => [evidence, reason.code, reason.message])).toEqual([
      [
        'cluster',
        'timed-out',
        expect.stringMatching(/^The app could not scan this cluster itself: private Nodes and pods were last read .* of 2026-09-01T12/),
      ],
      ['latestImages', 'unreachable', 'not read'],
      ['namespaces', 'unreachable', 'not sent'],
    ]);
    expect(summary.rules).not.toHaveProperty('off');
  });

  it('contains the present settings and pools from Azure', () => {
    const settings = someSettings();
    const summary = summaryBesideSentLook({ ...blind, settings, nodePools: 1, kataNodePools: 0 }, previous, SEEN, runs);
    expect(summary).toMatchObject({ settings, nodePools: 1, kataNodePools: 0 });
    const { settings: _, ...without } = previous;
    expect(summaryBesideSentLook(blind, without, SEEN, runs)).not.toHaveProperty('settings');
  });
});

it.each([
  ['assessed', 'partly-assessed'],
  ['partly-assessed', 'partly-assessed'],
  ['not-assessed', 'not-assessed'],
] as const)('a sent look that is older than the newest try and was %s is %s', (assessment, expected) => {
  const sent = aSummary('a', [], { assessment, gaps: [gap('namespaces', 'not sent')] });
  const summary = summaryOfLateSentLook(sent, SEEN);
  expect(summary).toMatchObject({ assessment: expected, lastSeen: SEEN });
  expect(summary.gaps.map(({ evidence }) => evidence)).toEqual(['cluster', 'namespaces']);
  expect(summary.gaps[0]?.reason).toEqual({
    code: 'unreachable',
    message: expect.stringMatching(/^The app has not been able to scan this cluster itself since\. /),
  });
});
