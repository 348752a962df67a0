import { describe, expect, it } from 'vitest';
import { type Finding, type FindingChange, fingerprint, type Resolution } from '../../../shared/domain/findings/finding.ts';
import { closeAll, historyOf, reconcile } from '../../../shared/domain/findings/reconcile.ts';
import { defineRule, type Judgement, type RuleRun } from '../../../shared/domain/rule/rule.ts';
import { FULL } from '../../../shared/domain/snapshot/observation.ts';
import type { Subject } from '../../../shared/domain/snapshot/subject.ts';

const CLUSTER = {
  id: '/subscriptions/s/resourcegroups/g/x',
  name: 'web',
  subscriptionId: 's',
  resourceGroup: 'g',
  location: 'l',
  tags: {},
};
const SUBJECT = { kind: 'node-pool', name: 'kata1' } as const;
const RULE = defineRule({
  id: 'a-rule',
  title: 'A pool is fine',
  severity: 'high',
  rationale: 'Because.',
  remediation: 'Mend it.',
  references: [],
  requires: [],
  evaluate: () => [],
});
const SAMPLE = { kind: 'sample', sampledNodes: 1, totalNodes: 2, sampledPods: 3, upperBound: 0.5, confidence: 0.95, seed: 's' } as const;
const TARGETED = { kind: 'targeted', namespaces: ['shop'], nodes: 1, totalNodes: 9, pods: 3, totalPods: 90 } as const;
const failing: Judgement = { verdict: 'fail', subject: SUBJECT, message: 'Broken.' };
type Judged = Extract<RuleRun, { state: 'judged' }>;
const judged = (
  judgements: readonly Judgement[],
  coverage: Judged['coverage'] = FULL,
  unlisted: readonly Subject['kind'][] = [],
): RuleRun => ({
  ruleId: 'a-rule',
  state: 'judged',
  coverage,
  judgements,
  unlisted,
});
const at = (hour: number) => `2026-11-20T${String(hour).padStart(2, '0')}:00:00.000Z`;
const scan = (held: readonly Finding[], run: RuleRun, hour: number) =>
  reconcile(held, [run], { cluster: CLUSTER, observedAt: at(hour), cause: 'audit' }, [RULE]);
const workload = (namespace: string): Subject => ({ kind: 'workload', namespace, ownerKind: 'Deployment', ownerName: 'cart' });
const opened = (): Finding => {
  const [change] = scan([], judged([failing]), 1);
  if (change === undefined) throw new Error('a failure opens a finding');
  return change.finding;
};

describe('reconcile', () => {
  it.each<[string, RuleRun, readonly string[], Partial<Finding>]>([
    ['still fails', judged([failing]), ['seen'], { status: 'open', lastSeenAt: at(2) }],
    ['fails otherwise', judged([{ ...failing, message: 'Worse.' }]), ['changed'], { message: 'Worse.' }],
    ['now passes', judged([{ verdict: 'pass', subject: SUBJECT }]), ['resolved'], { resolution: 'complies', resolvedAt: at(2) }],
    ['no longer applies', judged([{ verdict: 'not-applicable', subject: SUBJECT }]), ['resolved'], { resolution: 'complies' }],
    ['is gone', judged([]), ['resolved'], { resolution: 'subject-gone' }],
    ['is missing from an incomplete list', judged([], FULL, ['node-pool']), ['seen'], { status: 'open', stale: true }],
    [
      'now passes, seen in an incomplete list',
      judged([{ verdict: 'pass', subject: SUBJECT }], FULL, ['node-pool']),
      ['resolved'],
      { resolution: 'complies' },
    ],
    ['is missing while only other kinds are not listed', judged([], FULL, ['node']), ['resolved'], { resolution: 'subject-gone' }],
    ['is not in the sample', judged([], SAMPLE), ['seen'], { status: 'open', stale: true, lastSeenAt: at(1) }],
    ['passes in a sample', judged([{ verdict: 'pass', subject: SUBJECT }], SAMPLE), ['seen'], { status: 'open', stale: true }],
    ['is not in a truncated list', judged([], { kind: 'truncated', message: 'm' }), ['seen'], { status: 'open', stale: true }],
    [
      'can no longer be judged',
      judged([{ verdict: 'unknown', subject: SUBJECT, message: 'm' }]),
      ['seen'],
      { status: 'open', stale: true },
    ],
    ['belongs to a rule that erred', { ruleId: 'a-rule', state: 'error', message: 'm' }, ['seen'], { status: 'open', stale: true }],
    [
      'belongs to a rule without evidence',
      { ruleId: 'a-rule', state: 'unavailable', missing: [] },
      ['seen'],
      { status: 'open', stale: true },
    ],
    ['belongs to a rule that is off', { ruleId: 'a-rule', state: 'off' }, ['resolved'], { resolution: 'rule-off' }],
  ])('of an open finding whose subject %s', (_, run, kinds, expected) => {
    const changes = scan([opened()], run, 2);
    expect(changes.map(({ kind }) => kind)).toEqual(kinds);
    expect(changes[0]?.finding).toMatchObject(expected);
  });

  it.each<[string, readonly Judgement[], string, Partial<Finding>]>([
    ['passes, and whose namespace was read', [{ verdict: 'pass', subject: workload('shop') }], 'shop', { resolution: 'complies' }],
    ['is gone from a namespace that was read', [], 'shop', { resolution: 'subject-gone' }],
    ['is not seen where not every pod was read', [], 'pay', { status: 'open', stale: true }],
    ['passes where not every pod was read', [{ verdict: 'pass', subject: workload('pay') }], 'pay', { status: 'open', stale: true }],
    ['fails and was read wholly', [{ ...failing, subject: workload('shop') }], 'shop', { status: 'open', coverage: FULL }],
    ['fails by a part of its pods', [{ ...failing, subject: workload('pay') }], 'pay', { status: 'open', coverage: TARGETED }],
  ])('of an open finding after a targeted read whose subject %s', (_, judgements, namespace, expected) => {
    const held = scan([], judged([{ ...failing, subject: workload(namespace) }]), 1).map(({ finding }) => finding);
    expect(scan(held, judged(judgements, TARGETED), 2).map(({ finding }) => finding)).toMatchObject([expected]);
  });

  it.each<[string, Partial<Extract<Judgement, { verdict: 'fail' }>>, readonly string[]]>([
    ['a message', { message: 'Worse.' }, ['changed']],
    ['only the severity', { severity: 'critical' }, ['changed']],
    ['evidence alone', { facts: { pods: 2 } }, ['seen']],
  ])('records a change of %s', (_, change, kinds) => {
    expect(scan([opened()], judged([{ ...failing, ...change }]), 2).map(({ kind }) => kind)).toEqual(kinds);
  });

  it('opens a finding that names its cluster, its rule and its subject, seen now for the first time', () => {
    expect(scan([], judged([failing], SAMPLE), 1)).toEqual([
      {
        kind: 'opened',
        finding: {
          id: fingerprint(CLUSTER.id, 'a-rule', SUBJECT),
          ruleId: 'a-rule',
          clusterId: CLUSTER.id,
          clusterName: 'web',
          subscriptionId: 's',
          subject: SUBJECT,
          severity: 'high',
          status: 'open',
          message: 'Broken.',
          remediation: 'Mend it.',
          commands: [],
          facts: {},
          coverage: SAMPLE,
          firstSeenAt: at(1),
          lastSeenAt: at(1),
          reopenCount: 0,
          observedAt: at(1),
        },
      },
    ]);
    expect(historyOf(scan([], judged([failing]), 1), 'audit')).toEqual([
      {
        findingId: fingerprint(CLUSTER.id, 'a-rule', SUBJECT),
        clusterId: CLUSTER.id,
        ruleId: 'a-rule',
        at: at(1),
        kind: 'opened',
        cause: 'audit',
        severity: 'high',
        message: 'Broken.',
      },
    ]);
  });

  it('has one id for one failure: the same for every spelling of the cluster, another for another rule or subject', () => {
    const id = fingerprint(CLUSTER.id, 'a-rule', SUBJECT);
    expect(fingerprint(CLUSTER.id.toUpperCase(), 'a-rule', SUBJECT)).toBe(id);
    expect(id).toMatch(/^[0-9a-f]{16}-[0-9a-f]{32}$/);
    const others = [
      fingerprint(`${CLUSTER.id}2`, 'a-rule', SUBJECT),
      fingerprint(CLUSTER.id, 'b-rule', SUBJECT),
      fingerprint(CLUSTER.id, 'a-rule', { ...SUBJECT, name: 'kata2' }),
      fingerprint(CLUSTER.id, 'a-rule', { kind: 'node', name: SUBJECT.name }),
    ];
    expect(new Set([id, ...others]).size).toBe(5);
    expect(others[1]?.slice(0, 17)).toBe(id.slice(0, 17));
  });

  it('leaves the findings of other rules, and those of a rule that is not known, as they are', () => {
    const other = { ...opened(), id: 'other', ruleId: 'b-rule' };
    expect(scan([other], judged([]), 2)).toEqual([]);
    expect(scan([other], { ...judged([]), ruleId: 'b-rule' }, 2)).toEqual([]);
  });

  it('keeps the message, commands and evidence of a judgement, and the remediation of the rule when it has none', () => {
    const commands = [{ run: 'kubectl get nodes', deletes: false }];
    const facts = { pods: 2 };
    const [told] = scan([], judged([{ ...failing, remediation: 'Do this.', commands, facts }]), 1);
    expect(told?.finding).toMatchObject({ remediation: 'Do this.', commands, facts });
    expect(opened()).toMatchObject({ remediation: 'Mend it.', commands: [], facts: {} });
  });

  it('keeps the id, first-seen date and history of a finding from before owners had an API group', () => {
    const former = { kind: 'workload', namespace: 'shop', ownerKind: 'StatefulSet', ownerName: 'web' } as const;
    const subject = { ...former, ownerGroup: 'apps.kruise.io' };
    const [before] = scan([], judged([{ ...failing, subject: former }]), 1);
    if (before === undefined) return expect.unreachable();
    const [now] = scan([before.finding], judged([{ ...failing, subject }]), 2);
    expect(now).toMatchObject({ kind: 'seen', finding: { id: before.finding.id, firstSeenAt: at(1), subject } });
    const [later] = now === undefined ? [] : scan([now.finding], judged([{ verdict: 'pass', subject }]), 3);
    expect(later).toMatchObject({ kind: 'resolved', finding: { id: before.finding.id, resolution: 'complies' } });
  });

  it('assigns such a finding to the built-in Kubernetes owner when both exist', () => {
    const former = { kind: 'workload', namespace: 'shop', ownerKind: 'StatefulSet', ownerName: 'web' } as const;
    const subject = { ...former, ownerGroup: 'apps.kruise.io' };
    const [before] = scan([], judged([{ ...failing, subject: former }]), 1);
    if (before === undefined) return expect.unreachable();
    const both = judged([
      { verdict: 'pass', subject: former },
      { ...failing, subject },
    ]);
    const changes = scan([before.finding], both, 2);
    expect(changes.map(({ kind, finding }) => [kind, finding.id === before.finding.id])).toEqual([
      ['opened', false],
      ['resolved', true],
    ]);
    // From then on, each has its own.
    const again = scan(
      changes.map(({ finding }) => finding),
      judged([{ ...failing, subject }]),
      3,
    );
    expect(again.map(({ kind, finding }) => [kind, finding.id])).toEqual([['seen', changes[0]?.finding.id]]);
  });

  it('resolves the finding of a workload without pods as gone, not as complying', () => {
    const subject = { kind: 'workload', namespace: 'shop', ownerKind: 'Job', ownerName: 'import' } as const;
    const [before] = scan([], judged([{ ...failing, subject }]), 1);
    const [after] = before === undefined ? [] : scan([before.finding], judged([{ verdict: 'not-applicable', subject }]), 2);
    expect(after?.finding).toMatchObject({ resolution: 'subject-gone' });
  });

  it('keeps the first-seen date and counts the reopening of a finding', () => {
    const [closed] = scan([opened()], judged([]), 2);
    const [again] = closed === undefined ? [] : scan([closed.finding], judged([failing]), 3);
    expect(again).toMatchObject({ kind: 'reopened', finding: { status: 'open', firstSeenAt: at(1), reopenCount: 1 } });
    expect(again?.finding).not.toHaveProperty('resolvedAt');
  });

  it('removes the mark of a finding that could not be judged when it fails again, and when it is resolved', () => {
    const blind: RuleRun = { ruleId: 'a-rule', state: 'unavailable', missing: [] };
    const [stale] = scan([opened()], blind, 2);
    if (stale === undefined) return expect.unreachable();
    expect(scan([stale.finding], blind, 3)).toEqual([]);
    for (const run of [judged([failing]), judged([])]) {
      const [change] = scan([stale.finding], run, 3);
      expect(change?.finding).not.toHaveProperty('stale');
    }
  });

  it('never lets an earlier scan change a finding that a later one wrote', () => {
    expect(scan([opened()], judged([]), 0)).toEqual([]);
    expect(scan([opened()], judged([{ ...failing, message: 'Old.' }]), 0)).toEqual([]);
  });

  it('accepts a scan at the same time, which may confirm and resolve', () => {
    expect(scan([opened()], judged([failing]), 1)).toMatchObject([{ kind: 'seen' }]);
    expect(scan([opened()], judged([]), 1)).toMatchObject([{ kind: 'resolved' }]);
  });

  it.each<[string, RuleRun]>([
    ['is off', { ruleId: 'a-rule', state: 'off' }],
    ['erred', { ruleId: 'a-rule', state: 'error', message: 'm' }],
    ['saw all', judged([])],
    ['saw its subject pass', judged([{ verdict: 'pass', subject: SUBJECT }])],
  ])('leaves a resolved finding unchanged when its rule %s', (_, run) => {
    const [closed] = scan([opened()], judged([]), 2);
    expect(closed === undefined ? expect.unreachable() : scan([closed.finding], run, 3)).toEqual([]);
  });

  it('writes no history for a finding that is only seen again', () => {
    expect(historyOf(scan([opened()], judged([failing]), 2), 'audit')).toEqual([]);
    expect(historyOf(scan([opened()], judged([]), 2), 'audit')).toMatchObject([
      { kind: 'resolved', resolution: 'subject-gone', at: at(2) },
    ]);
  });
});

describe('closeAll', () => {
  it.each(['cluster-deleted', 'out-of-scope'] as const)('resolves open findings as %s, and leaves resolved ones unchanged', (reason) => {
    const [closed] = closeAll([opened()], reason, at(2));
    expect(closed?.finding).toMatchObject({ status: 'resolved', resolution: reason, resolvedAt: at(2) });
    expect(closed === undefined ? [] : closeAll([closed.finding], 'out-of-scope', at(3))).toEqual([]);
  });

  it('does not resolve a finding that a later scan wrote', () => {
    expect(closeAll([opened()], 'cluster-deleted', at(0))).toEqual([]);
    expect(closeAll([opened()], 'cluster-deleted', at(1))).toHaveLength(1);
  });
});

describe('a resolved finding', () => {
  const off: RuleRun = { ruleId: 'a-rule', state: 'off' };
  it.each<[Resolution, (held: Finding, hour: number) => readonly FindingChange[]]>([
    ['complies', (held, hour) => scan([held], judged([{ verdict: 'pass', subject: SUBJECT }]), hour)],
    ['subject-gone', (held, hour) => scan([held], judged([]), hour)],
    ['rule-off', (held, hour) => scan([held], off, hour)],
    ['cluster-deleted', (held, hour) => closeAll([held], 'cluster-deleted', at(hour))],
    ['out-of-scope', (held, hour) => closeAll([held], 'out-of-scope', at(hour))],
  ])('with the reason %s records it in its history, reopens as the same finding, and counts the reopenings', (reason, close) => {
    let finding = opened();
    for (const times of [1, 2]) {
      const [closed] = close(finding, times * 2);
      if (closed === undefined) return expect.unreachable();
      expect(historyOf([closed], 'audit')).toMatchObject([{ kind: 'resolved', resolution: reason, at: at(times * 2), cause: 'audit' }]);
      const [again] = scan([closed.finding], judged([failing]), times * 2 + 1);
      if (again === undefined) return expect.unreachable();
      expect(again).toMatchObject({
        kind: 'reopened',
        finding: { id: finding.id, firstSeenAt: at(1), reopenCount: times, status: 'open' },
      });
      expect(again.finding).not.toHaveProperty('resolution');
      finding = again.finding;
    }
  });
});
