import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import { formatClusterId } from '../../shared/domain/snapshot/resource-id.ts';
import { createMemoryStorage } from '../../shared/memory/storage.ts';
import type { AuditReport } from '../../shared/ports/audit-store.ts';
import { AUDIT_LIMIT_MS, auditOutcome } from '../../shared/usecases/audit-outcome.ts';
import { inventorySubscription } from '../../shared/usecases/inventory-subscription.ts';

const START = '2026-11-20T10:00:00.000Z';
const at = (seconds: number) => new Date(Date.parse(START) + seconds * 1000).toISOString();
const limit = new Date(Date.parse(START) + AUDIT_LIMIT_MS);
const afterLimit = new Date(limit.getTime() + 1);

function aReport(over: Partial<AuditReport> = {}): AuditReport {
  const auditId = 'a1';
  return {
    audit: { id: auditId, startedAt: START, cause: 'timer', subscriptions: ['S1', 's2'] },
    subscriptions: [
      { auditId, subscriptionId: 's1', at: at(1), outcome: { state: 'listed', clusters: 1 } },
      { auditId, subscriptionId: 'S2', at: at(2), outcome: { state: 'listed', clusters: 1 } },
    ],
    clusters: [
      { auditId, clusterId: 'c1', at: at(5), state: 'assessed', reasons: [], changed: 2 },
      { auditId, clusterId: 'c2', at: at(9), state: 'assessed', reasons: [], changed: 1 },
    ],
    ...over,
  };
}

describe('the outcome of an audit', () => {
  it('is complete when every subscription and every planned cluster reported', () => {
    expect(auditOutcome(aReport(), new Date(at(10)))).toEqual({
      state: 'complete',
      planned: 2,
      scanned: 2,
      notAssessed: [],
      notListed: [],
      changed: 3,
      durationSeconds: 9,
    });
  });

  it('lasts until its last part has reported, even when that is a subscription', () => {
    const [first, second] = aReport().subscriptions;
    const subscriptions = [first ?? expect.unreachable(), { ...(second ?? expect.unreachable()), at: at(12) }];
    expect(auditOutcome(aReport({ subscriptions }), limit).durationSeconds).toBe(12);
  });

  it('is running while a planned cluster has not reported, and counts it as not assessed after the limit', () => {
    const waiting = { auditId: 'a1', clusterId: 'c3', at: at(1), state: 'planned', reasons: [], changed: 0 } as const;
    const report = aReport({ clusters: [...aReport().clusters, waiting] });

    expect(auditOutcome(report, limit)).toMatchObject({ state: 'running', planned: 3, scanned: 2, notAssessed: [] });
    expect(auditOutcome(report, afterLimit)).toMatchObject({
      state: 'complete',
      notAssessed: [{ clusterId: 'c3', reasons: [{ code: 'timed-out' }] }],
    });
  });

  it('is awaited for two hours', () => {
    const report = aReport({ subscriptions: [] });
    expect(auditOutcome(report, new Date(at(7_200))).state).toBe('running');
    expect(auditOutcome(report, new Date(at(7_200.001))).state).toBe('incomplete');
  });

  it('is never complete while a subscription has not reported', () => {
    const report = aReport({ subscriptions: aReport().subscriptions.slice(0, 1) });

    expect(auditOutcome(report, limit).state).toBe('running');
    expect(auditOutcome(report, afterLimit)).toMatchObject({ state: 'incomplete', notListed: [{ subscriptionId: 's2' }] });
  });

  it('names what could not be listed or assessed, with the reason', () => {
    const reason = { code: 'denied', message: '403' } as const;
    const report = aReport({
      subscriptions: [
        aReport().subscriptions[0] ?? expect.unreachable(),
        { auditId: 'a1', subscriptionId: 's2', at: at(2), outcome: { state: 'not-listed', reason } },
      ],
      clusters: [{ auditId: 'a1', clusterId: 'c1', at: at(5), state: 'partly-assessed', reasons: [reason], changed: 0 }],
    });

    expect(auditOutcome(report, new Date(at(10)))).toMatchObject({
      state: 'incomplete',
      notAssessed: [{ clusterId: 'c1', reasons: [reason] }],
      notListed: [{ subscriptionId: 's2', reason }],
    });
  });

  it('says for a cluster that never reported what happened and where to look', () => {
    const waiting = { auditId: 'a1', clusterId: 'c3', at: at(1), state: 'planned', reasons: [], changed: 0 } as const;
    const { notAssessed, notListed } = auditOutcome(aReport({ clusters: [waiting], subscriptions: [] }), afterLimit);

    expect(notAssessed[0]?.reasons[0]?.message).toMatch(/^No scan reported within two hours of the audit\. Check the parked messages/);
    expect(notListed[0]?.reason.message).toMatch(/^No inventory reported within two hours of the audit\. Check the parked messages/);
  });

  it('has no duration before any part has reported, and does not count planned clusters', () => {
    const waiting = { auditId: 'a1', clusterId: 'c3', at: at(600), state: 'planned', reasons: [], changed: 0 } as const;

    expect(auditOutcome(aReport({ clusters: [waiting], subscriptions: [] }), new Date(at(700)))).toMatchObject({
      state: 'running',
      planned: 1,
      scanned: 0,
      durationSeconds: 0,
    });
  });
});

const SUBSCRIPTION = '11111111-1111-4111-8111-111111111111';

/** An audit in memory whose subscription has these clusters, after its inventory. */
async function anInventoriedAudit(...names: readonly string[]) {
  const storage = createMemoryStorage();
  const clusterIds = names.map((name) => formatClusterId({ subscriptionId: SUBSCRIPTION, resourceGroup: 'rg', name }));
  await storage.audits.start({ id: 'a1', startedAt: START, cause: 'timer', subscriptions: [SUBSCRIPTION] });
  const deps = {
    azure: { listClusters: () => expect.unreachable('The message names the clusters.') },
    audits: storage.audits,
    findings: storage.findings,
    messages: storage.messages,
    policy: async () => ({ policy: DEFAULT_POLICY, hash: '', source: 'test' }),
    clock: () => new Date(at(1)),
    jitterSeconds: () => 0,
  };
  const inventory = () =>
    inventorySubscription(deps, { auditId: 'a1', subscriptionId: SUBSCRIPTION, clusterIds }, true, new AbortController().signal);
  await inventory();
  const report = (clusterId: string, seconds: number) =>
    storage.audits.recordCluster({ auditId: 'a1', clusterId, at: at(seconds), state: 'assessed', reasons: [], changed: 0 });
  const outcome = async (now: Date) => auditOutcome((await storage.audits.get('a1')) ?? expect.unreachable(), now);
  return { clusterIds, inventory, report, outcome };
}

describe('a recorded audit', () => {
  it('is complete only when every planned cluster has reported', async () => {
    const { clusterIds, report, outcome } = await anInventoriedAudit('a', 'b');
    const [a = '', b = ''] = clusterIds;
    await report(a, 20);
    expect(await outcome(new Date(at(30)))).toMatchObject({ state: 'running', planned: 2, scanned: 1 });

    await report(b, 40);
    expect(await outcome(new Date(at(50)))).toMatchObject({
      state: 'complete',
      planned: 2,
      scanned: 2,
      notAssessed: [],
      durationSeconds: 40,
    });
  });

  it('counts a cluster that never reported as not assessed, until it reports late', async () => {
    const { clusterIds, report, outcome } = await anInventoriedAudit('a', 'b');
    const [a = '', b = ''] = clusterIds;
    await report(a, 20);
    expect(await outcome(limit)).toMatchObject({ state: 'running', notAssessed: [] });
    expect(await outcome(afterLimit)).toMatchObject({
      state: 'complete',
      scanned: 1,
      notAssessed: [{ clusterId: b, reasons: [{ code: 'timed-out' }] }],
    });

    await report(b, 8_000);
    expect(await outcome(afterLimit)).toMatchObject({ state: 'complete', scanned: 2, notAssessed: [] });
  });

  it('is not reset by a duplicate inventory', async () => {
    const { clusterIds, inventory, report, outcome } = await anInventoriedAudit('a');
    await report(clusterIds[0] ?? '', 20);
    await inventory();

    expect(await outcome(new Date(at(30)))).toMatchObject({ state: 'complete', planned: 1, scanned: 1 });
  });
});
