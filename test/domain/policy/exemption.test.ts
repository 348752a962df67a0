import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Finding } from '../../../shared/domain/findings/finding.ts';
import { exempt } from '../../../shared/domain/findings/overlaid-finding.ts';
import { auditExemptions, covers, isLive, scopeOf } from '../../../shared/domain/policy/exemption.ts';
import { EXEMPTION_FIELDS, EXEMPTION_ID, endOf, lastDayOf } from '../../../shared/domain/policy/exemption-schema.ts';
import type { Exemption } from '../../../shared/domain/policy/policy.ts';

const NOON = '2026-09-01T12:00:00.000Z';
const at = (time: string) => new Date(`2026-09-01T${time}Z`);

function anExemption(over: Partial<Exemption> = {}): Exemption {
  return {
    id: 'legacy-cart',
    rule: 'workload-sandboxed',
    category: 'waiver',
    reason: 'Moves in October.',
    approvedBy: 'security@example.com',
    expiresOn: NOON,
    ...over,
  };
}

function aFinding(over: Partial<Finding> = {}): Finding {
  return {
    id: 'shop-1',
    ruleId: 'workload-sandboxed',
    clusterId: 'shop',
    clusterName: 'shop',
    subscriptionId: '',
    subject: { kind: 'workload', namespace: 'web', ownerKind: 'Deployment', ownerName: 'cart' },
    severity: 'critical',
    status: 'open',
    message: '',
    remediation: '',
    facts: {},
    coverage: { kind: 'full' },
    firstSeenAt: NOON,
    lastSeenAt: NOON,
    reopenCount: 0,
    observedAt: NOON,
    ...over,
  };
}

describe('the narrowest scope of a finding', () => {
  const clusterId = '/subscriptions/s/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/shop';
  const subjects: readonly Finding['subject'][] = [
    { kind: 'cluster' },
    { kind: 'node-pool', name: 'kata' },
    { kind: 'node-pool', name: 'kata2' },
    { kind: 'node', name: 'kata' },
    { kind: 'runtime-class', name: 'kata' },
    { kind: 'workload', namespace: 'web', ownerKind: 'Deployment', ownerName: 'cart' },
    { kind: 'workload', namespace: 'web', ownerKind: 'StatefulSet', ownerName: 'cart' },
    { kind: 'workload', namespace: 'pay', ownerKind: 'Deployment', ownerName: 'cart' },
  ];
  const everywhere = [clusterId, clusterId.replace('/s/', '/other/')].flatMap((id) =>
    subjects.map((subject) => aFinding({ clusterId: id, subject })),
  );

  it.each(everywhere.map((finding) => [JSON.stringify(finding.subject), finding] as const))(
    'covers it and nothing else: %s',
    (_, finding) => {
      const exemption = { rule: finding.ruleId, ...scopeOf(finding) };

      expect(everywhere.filter((one) => covers(exemption, one))).toEqual([finding]);
      expect(covers(exemption, { ...finding, clusterId: finding.clusterId.toUpperCase() })).toBe(true);
      expect(covers(exemption, { ...finding, ruleId: 'another' })).toBe(false);
    },
  );

  it.each([
    ['a date covers that day', '2026-12-31', '2027-01-01T00:00:00.000Z', '2026-12-31'],
    ['a time is the first moment that is not covered', '2026-12-31T12:00:00+02:00', '2026-12-31T10:00:00.000Z', '2026-12-31T10:00:00.000Z'],
    ['the 30th of February is invalid', '2026-02-30', undefined, undefined],
    ['a time without a zone is invalid', '2026-12-31T12:00:00', undefined, undefined],
    ['words are invalid', 'tomorrow', undefined, undefined],
  ])('%s', (_, text, end, shown) => {
    expect(endOf(text)).toBe(end);
    expect(end === undefined ? undefined : lastDayOf(end)).toBe(shown);
  });
});

describe('an exemption that expires at noon', () => {
  it.each([
    ['11:59:00.000', true],
    ['11:59:59.999', true],
    ['12:00:00.000', false],
    ['12:00:00.001', false],
  ])('at %s is live: %s', (time, live) => {
    expect(isLive(anExemption(), at(time))).toBe(live);
    expect(exempt([aFinding()], [anExemption()], at(time))[0]?.exemption?.id).toBe(live ? 'legacy-cart' : undefined);
  });

  it('means the same noon in every zone', () => {
    const exemption = anExemption({ expiresOn: '2026-09-01T14:00:00+02:00' });
    expect(isLive(exemption, at('11:59:59'))).toBe(true);
    expect(isLive(exemption, at('12:00:00'))).toBe(false);
  });

  it('is never live when its end cannot be read', () => expect(isLive(anExemption({ expiresOn: 'soon' }), at('00:00:00'))).toBe(false));
});

describe('the scope of an exemption', () => {
  const pool = aFinding({ ruleId: 'kata-pool-image', subject: { kind: 'node-pool', name: 'kata' } });

  it.each<[string, Partial<Exemption>, Finding, boolean]>([
    ['only the rule covers all its findings', {}, aFinding(), true],
    ['another rule covers nothing', { rule: 'kata-pool-used' }, aFinding(), false],
    ['a cluster glob covers its clusters', { cluster: 'sh*' }, aFinding(), true],
    ['a cluster glob does not cover the others', { cluster: 'pay-*' }, aFinding(), false],
    ['globs ignore case', { cluster: 'SHOP', namespace: 'WEB' }, aFinding(), true],
    ['a namespace covers its workloads', { namespace: 'web' }, aFinding(), true],
    ['a namespace does not cover others', { namespace: 'we' }, aFinding(), false],
    ['a workload is matched by its name', { namespace: 'web', workload: 'c?rt' }, aFinding(), true],
    ['another workload is not covered', { namespace: 'web', workload: 'checkout' }, aFinding(), false],
    ['only the rule covers a pool', { rule: 'kata-pool-image' }, pool, true],
    ['a namespace never covers a pool', { rule: 'kata-pool-image', namespace: '*' }, pool, false],
  ])('%s', (_, over, finding, expected) => expect(covers(anExemption(over), finding)).toBe(expected));
});

describe('the overlay', () => {
  it('uses the first exemption that covers a finding, and changes no finding', () => {
    const findings = [aFinding(), aFinding({ id: 'shop-2', ruleId: 'kata-pool-used', subject: { kind: 'node-pool', name: 'kata' } })];
    const exemptions = [
      anExemption({ id: 'over', expiresOn: '2026-08-31T00:00:00Z' }),
      anExemption({ id: 'one' }),
      anExemption({ id: 'two' }),
    ];
    const overlaid = exempt(findings, exemptions, at('11:00:00'));
    expect(overlaid.map(({ exemption }) => exemption?.id)).toEqual(['one', undefined]);
    expect(overlaid.map(({ finding }) => finding)).toEqual(findings);
  });
});

describe('the audit of exemptions', () => {
  const known = new Set(['workload-sandboxed', 'kata-pool-image']);
  const open = [aFinding(), aFinding({ id: 'shop-2', clusterName: 'pay' })];

  it.each<[string, Partial<Exemption>, string, number]>([
    ['live', {}, 'live', 2],
    ['matched in part', { cluster: 'pay' }, 'live', 1],
    ['unused', { cluster: 'gone' }, 'unused', 0],
    ['expired, with findings that are listed again', { expiresOn: '2026-09-01T11:00:00Z' }, 'expired', 2],
    ['expired, without any finding', { cluster: 'gone', expiresOn: '2026-09-01T11:00:00Z' }, 'expired', 0],
    ['invalid because of an unknown rule', { rule: 'workload-sandbox' }, 'invalid', 0],
    ['invalid because of an unreadable end', { expiresOn: 'never' }, 'invalid', 2],
  ])('reports one that is %s', (_, over, state, findings) => {
    const exemption = anExemption(over);
    expect(auditExemptions([exemption], open, known, at('11:00:00'))).toEqual([{ exemption, state, findings }]);
  });

  it('agrees with the overlay: exactly the matched ones cover a finding', () => {
    const glob = fc.constantFrom('*', 'shop', 'pay', 'p*', 'none');
    const arbitrary = fc.record({ cluster: glob, minute: fc.integer({ min: 0, max: 120 }) });
    fc.assert(
      fc.property(arbitrary, ({ cluster, minute }) => {
        const now = new Date(at('11:00:00').getTime() + minute * 60_000);
        const exemption = anExemption({ cluster });
        const [use] = auditExemptions([exemption], open, known, now);
        const covered = exempt(open, [exemption], now).filter((one) => one.exemption !== undefined).length;
        expect(use?.state === 'live').toBe(covered > 0);
        if (use?.state === 'live') expect(use.findings).toBe(covered);
      }),
    );
  });
});

describe('the fields of the scope of an exemption', () => {
  const cart = aFinding();
  const named = (kind: 'node-pool' | 'node' | 'runtime-class') => aFinding({ subject: { kind, name: 'kata' } });
  it.each<[string, Partial<Exemption>, Finding, boolean]>([
    ['a kind of workload', { ownerKind: 'deploy*' }, cart, true],
    ['another kind of workload', { ownerKind: 'StatefulSet' }, cart, false],
    ['workloads', { kind: 'workload' }, cart, true],
    ['nodes alone', { kind: 'node' }, cart, false],
    ['a pool', { pool: 'KA*' }, named('node-pool'), true],
    ['a pool of another name', { pool: 'x' }, named('node-pool'), false],
    ['a pool, asked of a node', { pool: 'kata' }, named('node'), false],
    ['a node', { node: 'kata' }, named('node'), true],
    ['a node, asked of a class', { node: 'kata' }, named('runtime-class'), false],
    ['a class', { class: 'kata' }, named('runtime-class'), true],
    ['a class, asked of a pool', { class: 'kata' }, named('node-pool'), false],
    ['a cluster by its id, whatever its case', { clusterId: 'SHOP' }, cart, true],
    ['another cluster by its id', { clusterId: 'pay' }, cart, false],
    ['the cluster itself by no name', { pool: '*' }, aFinding({ subject: { kind: 'cluster' } }), false],
  ])('%s', (_, over, finding, expected) => expect(covers(anExemption(over), finding)).toBe(expected));
});

describe('the end of an exemption', () => {
  it.each([
    ['2028-02-29', '2028-03-01T00:00:00.000Z'],
    ['2026-12-31T12:00Z', '2026-12-31T12:00:00.000Z'],
    ['2026-12-31T12:00:00.5-05:30', '2026-12-31T17:30:00.500Z'],
    ['2027-02-29', undefined],
    ['2026-13-01', undefined],
    ['2026-12-31T25:00Z', undefined],
    ['x2026-12-31', undefined],
    ['2026-12-31x', undefined],
    ['2026-12-31\n', undefined],
    ['\n2026-12-31', undefined],
    ['2026-12-31T12:00:00Zx', undefined],
    ['2026-02-30T12:00:00Z', undefined],
  ])('%j is %s', (text, end) => expect(endOf(text)).toBe(end));

  it('is shown as the last day that it covers, or as its time', () => {
    expect(lastDayOf('2027-01-01T00:00:00.000Z')).toBe('2026-12-31');
    expect(lastDayOf('2027-01-01T00:00:00.001Z')).toBe('2027-01-01T00:00:00.001Z');
  });
});

it.each([
  ['a', true],
  ['legacy-cart-2', true],
  ['0', true],
  ['a'.repeat(63), true],
  ['a'.repeat(64), false],
  ['-a', false],
  ['A', false],
  ['a/b', false],
  ['a\n', false],
  ['\na', false],
  ['', false],
])('the id %j of an exemption is one: %s', (id, expected) => expect(EXEMPTION_ID.test(id)).toBe(expected));

describe('what an exemption says', () => {
  const fields = { rule: 'r', category: 'waiver', reason: 'r', approvedBy: 'a', expiresOn: '2027-01-31' };
  const schema = z.object(EXEMPTION_FIELDS);
  const takes = (over: object) => schema.safeParse({ ...fields, ...over }).success;

  it.each([
    ['rule', 100],
    ['clusterId', 512],
    ['cluster', 260],
    ['namespace', 260],
    ['ownerKind', 260],
    ['workload', 260],
    ['pool', 260],
    ['class', 260],
    ['node', 260],
    ['reason', 2_000],
    ['approvedBy', 200],
  ])('is a text in %s, of one to %d characters', (field, most) => {
    expect([1, most, 0, most + 1].map((length) => takes({ [field]: 'x'.repeat(length) }))).toEqual([true, true, false, false]);
  });

  it.each([
    [{}, true],
    [{ reason: '  ' }, false],
    [{ approvedBy: ' ' }, false],
    [{ category: 'mitigated' }, true],
    [{ category: 'other' }, false],
    [{ kind: 'workload' }, true],
    [{ kind: 'pod' }, false],
    [{ expiresOn: 'soon' }, false],
    [{ rule: undefined }, false],
    [{ reason: undefined }, false],
    [{ approvedBy: undefined }, false],
    [{ expiresOn: undefined }, false],
  ])('with %j is taken: %s', (over, expected) => expect(takes(over)).toBe(expected));

  it('ends at a time with up to nine digits of a second', () => {
    const at = (digits: string) => endOf(`2027-01-31T12:00:00.${digits}Z`);
    expect([at('5'), at('123456789'), at('1234567890')]).toEqual(['2027-01-31T12:00:00.500Z', '2027-01-31T12:00:00.123Z', undefined]);
  });

  it('has no blanks around it', () => {
    expect(schema.parse({ ...fields, reason: ' why ', approvedBy: ' who ' })).toMatchObject({ reason: 'why', approvedBy: 'who' });
  });
});
