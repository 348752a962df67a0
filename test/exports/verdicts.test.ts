import { describe, expect, it } from 'vitest';
import type { Judgement, RuleRun } from '../../shared/domain/rule/rule.ts';
import { exportedVerdicts } from '../../shared/exports/export-verdicts.ts';
import { verdictsOf } from '../../shared/exports/verdicts.ts';
import { isNew, verdictId } from '../../shared/exports/words.ts';
import { aFinding, aSummary, clusterIdOf, RULES, SUBSCRIPTION } from '../http/estate.ts';
import { aSnapshot } from '../support/a-snapshot.ts';
import { from } from './samples.ts';

it.each<[string, RuleRun, readonly string[]]>([
  ['erred', { ruleId: 'r', state: 'error', message: 'It threw.' }, ['unknown The rule failed: It threw.']],
  [
    'had no evidence',
    { ruleId: 'r', state: 'unavailable', missing: [{ evidence: 'nodes', reason: { code: 'denied', message: 'No.' } }] },
    ['unknown nodes could not be read (denied): No.'],
  ],
  ['is off', { ruleId: 'r', state: 'off' }, []],
  [
    'judged',
    {
      ruleId: 'r',
      state: 'judged',
      coverage: { kind: 'full' },
      judgements: [
        { verdict: 'pass', subject: { kind: 'cluster' } },
        { verdict: 'fail', subject: { kind: 'cluster' }, message: 'Bad.' },
        { verdict: 'unknown', subject: { kind: 'cluster' }, message: 'Odd.' },
        { verdict: 'not-applicable', subject: { kind: 'cluster' }, message: 'None.' },
      ],
    },
    ['pass ', 'unknown Odd.'],
  ],
])('a rule that %s reports exactly what passed and what is unknown', (_, run, expected) => {
  expect([...verdictsOf(aSnapshot(), [run])].map(({ verdict, message = '' }) => `${verdict} ${message}`)).toEqual(expected);
});

describe('the verdicts of an export', () => {
  const AT = '2026-11-23T06:00:00.000Z';
  const pool = { kind: 'node-pool', name: 'kata' } as const;
  const cart = { kind: 'workload', namespace: 'shop', ownerKind: 'Deployment', ownerName: 'cart' } as const;
  const judged = (ruleId: string, ...judgements: readonly Judgement[]): RuleRun => ({
    ruleId,
    state: 'judged',
    coverage: { kind: 'full' },
    judgements,
  });
  const runs = [
    judged('node-image-current', { verdict: 'pass', subject: pool, message: 'Newest.' }),
    judged(
      'workload-sandboxed',
      { verdict: 'unknown', subject: cart, message: 'Not SEEN.' },
      { verdict: 'fail', subject: cart, message: 'Bad.' },
    ),
  ];
  const tagged = aSummary('prod', []);
  const clusters = [
    { ...tagged, cluster: { ...tagged.cluster, tags: { env: 'prod' } } },
    aSummary('blind', [], { gaps: [{ evidence: 'cluster', reason: { code: 'denied', message: 'No right.' } }], observedAt: AT }),
    aSummary('mute', []),
    aSummary('gone', [], { status: 'deleted' }),
  ];
  const assessments = {
    get: async (id: string) =>
      id === clusters[0]?.cluster.id
        ? { snapshot: aSnapshot({ cluster: clusters[0].cluster, observedAt: AT }), runs, policyHash: 'h' }
        : undefined,
  };
  const told = async (filter: Parameters<typeof exportedVerdicts>[2] = {}, withPasses = true) => {
    const names: string[] = [];
    const all = exportedVerdicts({ clusters: from(clusters), assessments }, RULES, filter, withPasses);
    for await (const { clusterName, ruleId } of all) names.push(`${clusterName} ${ruleId}`);
    return names;
  };
  const PASS = 'prod node-image-current';
  const UNKNOWN = 'prod workload-sandboxed';
  const DARK = ['blind cluster-assessed', 'mute cluster-assessed'];

  it.each<[string, Parameters<typeof told>, readonly string[]]>([
    ['are of all present clusters', [], [PASS, UNKNOWN, ...DARK]],
    ['leave out what passed unless it is asked for', [{}, false], [UNKNOWN, ...DARK]],
    ['of a rule', [{ rule: ['node-image-current'] }], [PASS]],
    ['of the rule that nothing was seen', [{ rule: ['cluster-assessed'] }], DARK],
    ['of a cluster by its name, whatever its case', [{ cluster: ['PROD'] }], [PASS, UNKNOWN]],
    ['of a cluster by its id, whatever its case', [{ cluster: [clusterIdOf('blind').toUpperCase()] }], DARK.slice(0, 1)],
    ['of a subscription', [{ subscription: [SUBSCRIPTION] }], [PASS, UNKNOWN, ...DARK]],
    ['of another subscription', [{ subscription: ['other'] }], []],
    ['of a tag', [{ tag: ['other', 'env=prod'] }], [PASS, UNKNOWN]],
    ['of open findings', [{ status: ['open'] }], [PASS, UNKNOWN, ...DARK]],
    ['of closed findings', [{ status: ['resolved'] }], []],
    ['of the severity of their rules', [{ severity: ['high'] }], [PASS, UNKNOWN]],
    ['of another severity', [{ severity: ['low'] }], []],
    ['of a kind', [{ kind: ['node-pool'] }], [PASS]],
    ['of a pool', [{ nodePool: ['kata'] }], [PASS]],
    ['of another pool', [{ nodePool: ['cart'] }], []],
    ['of a namespace', [{ namespace: ['shop'] }], [UNKNOWN]],
    ['of a workload', [{ workload: ['cart'] }], [UNKNOWN]],
    ['of a workload of another name', [{ workload: ['kata'] }], []],
    ['seen at a time or later', [{ since: AT }], [PASS, UNKNOWN, ...DARK]],
    ['seen later', [{ since: '2026-11-23T06:00:00.001Z' }], []],
    ['with a text in the message', [{ q: 'not seen' }], [UNKNOWN]],
    ['with a text in the cluster', [{ q: 'BLIND' }], DARK.slice(0, 1)],
    ['with a text in the workload', [{ q: 'shop/cart' }], [UNKNOWN]],
    ['with a text in the pool', [{ q: 'kata' }], [PASS]],
    ['with a text in the rule', [{ q: 'image-current' }], [PASS]],
    ['of an owner, which none has', [{ owner: ['a'] }], []],
    ['that began later, which none did', [{ firstSeenSince: AT }], []],
    ['that changed later, which none did', [{ changedSince: AT }], []],
  ])('%s', async (_, asked, expected) => expect(await told(...asked)).toEqual(expected));

  it('find a cluster by its subscription, however Azure writes it', async () => {
    const cluster = { ...tagged.cluster, subscriptionId: 'ABCDEF11-2222-4333-8444-555555555555' };
    const all = [];
    const asked = { subscription: [cluster.subscriptionId.toLowerCase()] };
    for await (const one of exportedVerdicts({ clusters: from([{ ...tagged, cluster }]), assessments }, RULES, asked, true)) all.push(one);
    expect(all).toHaveLength(2);
  });

  it('say why a cluster was not scanned', async () => {
    const all = [];
    for await (const one of exportedVerdicts({ clusters: from(clusters.slice(1)), assessments }, RULES, {}, false)) all.push(one);
    const { id: clusterId, subscriptionId } = clusters[1]?.cluster ?? expect.unreachable();
    expect(all).toEqual([
      {
        clusterId,
        clusterName: 'blind',
        subscriptionId,
        ruleId: 'cluster-assessed',
        verdict: 'unknown',
        message: 'The cluster has no assessment. No right.',
        coverage: { kind: 'truncated', message: expect.any(String) },
        observedAt: AT,
      },
      expect.objectContaining({ clusterName: 'mute', message: 'The cluster has no assessment.' }),
    ]);
  });
});

it('a finding is new until a second scan reports it', () => {
  const at = '2026-11-23T06:00:00.000Z';
  expect(isNew(aFinding({ firstSeenAt: at, observedAt: at }))).toBe(true);
  expect(isNew(aFinding({ firstSeenAt: at, observedAt: '2026-11-23T06:00:00.001Z' }))).toBe(false);
  expect(isNew(aFinding({ firstSeenAt: at, observedAt: at, reopenCount: 1 }))).toBe(false);
});

it('a verdict has a name of its own by cluster, rule and subject', () => {
  const names = [
    verdictId('c', 'r', undefined),
    verdictId('c', 'r', { kind: 'cluster' }),
    verdictId('c', 's', undefined),
    verdictId('d', 'r', undefined),
    verdictId('c', 'r', { kind: 'node', name: 'n' }),
  ];
  expect(new Set(names).size).toBe(5);
  expect(verdictId('C', 'r', undefined)).toBe(names[0]);
});
