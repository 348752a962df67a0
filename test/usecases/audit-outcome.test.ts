import { describe, expect, it } from 'vitest';
import type { AuditReport } from '../../shared/ports/audit-store.ts';
import { AUDIT_LIMIT_MS, auditOutcome } from '../../shared/usecases/audit-outcome.ts';

const START = '2026-11-20T10:00:00.000Z';
const at = (seconds: number) => new Date(Date.parse(START) + seconds * 1000).toISOString();
const limit = new Date(Date.parse(START) + AUDIT_LIMIT_MS);
const afterLimit = new Date(limit.getTime() + 1);

function aReport(over: Partial<AuditReport> = {}): AuditReport {
  const auditId = 'a1';
  return {
    audit: { id: auditId, startedAt: START, cause: 'timer', subscriptions: ['s1', 's2'] },
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

  it('runs on while a planned cluster is silent, and counts it as not assessed past the limit', () => {
    const waiting = { auditId: 'a1', clusterId: 'c3', at: at(1), state: 'planned', reasons: [], changed: 0 } as const;
    const report = aReport({ clusters: [...aReport().clusters, waiting] });

    expect(auditOutcome(report, limit)).toMatchObject({ state: 'running', planned: 3, scanned: 2, notAssessed: [] });
    expect(auditOutcome(report, afterLimit)).toMatchObject({
      state: 'complete',
      notAssessed: [{ clusterId: 'c3', reasons: [{ code: 'timed-out' }] }],
    });
  });

  it('is never complete while a subscription is silent', () => {
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
      state: 'complete',
      notAssessed: [{ clusterId: 'c1', reasons: [reason] }],
      notListed: [{ subscriptionId: 's2', reason }],
    });
  });
});
