import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { createMemoryStorage } from '../../shared/memory/storage.ts';
import { NOTHING_HELD } from '../../shared/ports/finding-store.ts';
import { AUDIT_LIMIT_MS } from '../../shared/usecases/audit-outcome.ts';
import { type EndAudit, endAudit, endOverdueAudits } from '../../shared/usecases/end-audit.ts';
import { aFinding, aSummary, clusterIdOf } from '../http/estate.ts';

const START = '2026-11-20T10:00:00.000Z';
const NOW = new Date('2026-11-20T10:05:00.000Z');

async function aWorld(now = NOW) {
  const storage = createMemoryStorage();
  const finding = aFinding({ firstSeenAt: '2026-11-18T10:00:00.000Z' });
  const line = {
    findingId: finding.id,
    clusterId: finding.clusterId,
    ruleId: finding.ruleId,
    cause: 'a',
    severity: 'high',
    message: 'm',
  } as const;
  await storage.findings.write({
    clusterId: clusterIdOf('prod'),
    findings: [finding],
    history: [{ ...line, at: '2026-11-18T10:00:00.000Z', kind: 'opened' }],
    summary: aSummary('prod', [finding]),
    basedOn: NOTHING_HELD,
  });
  await storage.audits.start({ id: 'a1', startedAt: START, cause: 'timer', subscriptions: ['s1'] });
  const deps: EndAudit = { ...storage, policy: async () => ({ policy: DEFAULT_POLICY, hash: 'h', source: 'test' }), clock: () => now };
  const cluster = (state: 'planned' | 'assessed') =>
    storage.audits.recordCluster({ auditId: 'a1', clusterId: clusterIdOf('prod'), at: NOW.toISOString(), state, reasons: [], changed: 1 });
  const listed = () =>
    storage.audits.recordSubscription({ auditId: 'a1', subscriptionId: 's1', at: START, outcome: { state: 'listed', clusters: 1 } });
  const end = async () => (await storage.audits.list(1)).value[0]?.end;
  return { storage, deps, cluster, listed, end };
}

describe('the end of an audit', () => {
  it('is recorded by its last part, and not earlier', async () => {
    const { storage, deps, cluster, listed, end } = await aWorld();
    await cluster('planned');
    await endAudit(deps, 'a1');
    expect(await end()).toBeUndefined();
    await cluster('assessed');
    await endAudit(deps, 'a1');
    expect([await end(), await storage.trend.list('2026-11-01', '2026-11-30')]).toEqual([undefined, []]);
    await listed();
    await endAudit(deps, 'a1');

    expect(await end()).toMatchObject({
      state: 'complete',
      endedAt: NOW.toISOString(),
      planned: 1,
      scanned: 1,
      changed: 1,
      figures: { clusters: 1, blind: 0, openBySeverity: { high: 1 } },
    });
  });

  it('counts the open findings that a live exemption covers, and not one that has expired', async () => {
    const exempted = async (expiresOn: string) => {
      const { storage, deps, cluster, listed, end } = await aWorld();
      const scope = {
        id: 'cart',
        rule: aFinding().ruleId,
        category: 'waiver',
        reason: 'Moves in December.',
        approvedBy: 'security',
      } as const;
      await storage.exemptions.put({ exemption: { ...scope, expiresOn }, updatedAt: START }, undefined);
      await cluster('assessed');
      await listed();
      await endAudit(deps, 'a1');
      return (await end())?.figures.exempted;
    };

    expect([await exempted('2026-11-20T10:05:00.001Z'), await exempted('2026-11-20T10:05:00.000Z')]).toEqual([1, 0]);
  });

  it('writes one point of the trend per day, and computes the earlier days from the history, once', async () => {
    const { storage, deps, cluster, listed } = await aWorld();
    await cluster('assessed');
    await listed();
    await endAudit(deps, 'a1');
    await endAudit(deps, 'a1');
    const days = await storage.trend.list('2026-11-01', '2026-11-30');

    expect(days.map(({ day, openBySeverity, seen }) => [day, openBySeverity.high, seen?.clusters])).toEqual([
      ['2026-11-18', 1, undefined],
      ['2026-11-19', 1, undefined],
      ['2026-11-20', 1, 1],
    ]);
    await storage.trend.prune('2026-11-20', 10);
    await endAudit(deps, 'a1');
    expect(await storage.trend.list('2026-11-01', '2026-11-30')).toHaveLength(1);
  });

  it('computes the earlier days again after an interruption, and keeps days that have a row', async () => {
    const { storage, deps, cluster, listed } = await aWorld();
    await cluster('assessed');
    await listed();
    const kept = { day: '2026-11-18', openBySeverity: { critical: 9, high: 0, medium: 0, low: 0, info: 0 } };
    await storage.trend.put(kept);
    const dying = { ...deps, findings: { ...storage.findings, changes: () => Promise.reject(new Error('died')) } };
    await expect(endAudit(dying, 'a1')).rejects.toThrow('died');
    await endAudit(deps, 'a1');

    const days = await storage.trend.list('2026-11-01', '2026-11-30');
    expect(days.map(({ day, openBySeverity }) => [day, openBySeverity.critical])).toEqual([
      ['2026-11-18', 9],
      ['2026-11-19', 0],
      ['2026-11-20', 0],
    ]);
  });

  it('is reported once: the next audit ends none that has ended, and reads none before its limit', async () => {
    const past = await aWorld(new Date(Date.parse(START) + AUDIT_LIMIT_MS + 1));
    await past.cluster('assessed');
    expect(await endOverdueAudits(past.deps)).toHaveLength(1);
    expect(await endOverdueAudits(past.deps)).toEqual([]);

    const { storage, deps } = await aWorld(new Date(Date.parse(START) + AUDIT_LIMIT_MS));
    const get = () => expect.unreachable('It may still run.');
    expect(await endOverdueAudits({ ...deps, audits: { ...storage.audits, get } })).toEqual([]);
  });

  it('is not looked for while a part is waited for: each of thousands of parts asks', async () => {
    const { storage, deps, cluster } = await aWorld();
    await cluster('planned');
    const get = () => expect.unreachable('A part is waited for.');
    expect(await endAudit({ ...deps, audits: { ...storage.audits, get } }, 'a1')).toEqual([]);
  });

  it('rebuilds no day that has a row, the first and the last among them', async () => {
    const { storage, deps, cluster, listed } = await aWorld();
    await cluster('assessed');
    await listed();
    const kept = (day: string) => ({ day, openBySeverity: { critical: 9, high: 0, medium: 0, low: 0, info: 0 } });
    const first = '2026-08-22';
    for (const day of [first, '2026-11-19']) await storage.trend.put(kept(day));
    await storage.findings.write({
      clusterId: clusterIdOf('old'),
      findings: [],
      history: [
        {
          ...{
            findingId: aFinding({ clusterName: 'old' }).id,
            clusterId: clusterIdOf('old'),
            ruleId: 'r',
            cause: 'a',
            severity: 'low',
            message: 'm',
          },
          ...{ at: `${first}T12:00:00.000Z`, kind: 'opened' },
        },
      ],
      summary: aSummary('old', []),
      basedOn: NOTHING_HELD,
    });
    await endAudit(deps, 'a1');
    const days = await storage.trend.list(first, '2026-11-19');
    expect(days.filter(({ openBySeverity }) => openBySeverity.critical === 9).map(({ day }) => day)).toEqual([first, '2026-11-19']);
  });

  it('of an unknown audit has no effect', async () => {
    const { storage, deps } = await aWorld();
    await endAudit(deps, 'a9');

    expect(await storage.trend.list('2026-11-01', '2026-11-30')).toEqual([]);
  });

  it.each([
    ['at its limit: not yet', AUDIT_LIMIT_MS, undefined],
    ['after its limit', AUDIT_LIMIT_MS + 1, 'incomplete'],
  ])('of one whose subscription never reported is recorded when the next one starts, %s', async (_, after, state) => {
    const { deps, cluster, end } = await aWorld(new Date(Date.parse(START) + after));
    await cluster('assessed');
    await endOverdueAudits(deps);

    expect((await end())?.state).toBe(state);
  });
});
