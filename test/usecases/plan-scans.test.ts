import { describe, expect, it } from 'vitest';
import type { AuditStore } from '../../shared/ports/audit-store.ts';
import type { Messages } from '../../shared/ports/messages.ts';
import { planScans } from '../../shared/usecases/plan-scans.ts';

const NOW = '2026-11-23T12:00:00.000Z';

/** The use case and its actions in order; the queue refuses the message of one cluster. */
function aWorld(refused?: string) {
  const did: string[] = [];
  const audits: Pick<AuditStore, 'start' | 'recordCluster'> = {
    start: async ({ id }) => void did.push(`start ${id}`),
    recordCluster: async ({ clusterId, state }) => void did.push(`${state} ${clusterId}`),
  };
  const messages: Pick<Messages, 'scan'> = {
    scan: async ({ clusterId, cause, auditId, requestedAt }, delay) => {
      if (clusterId === refused) throw new Error('The queue is full.');
      did.push(`queue ${clusterId} ${cause} ${auditId} ${requestedAt} ${delay}`);
    },
  };
  return {
    did,
    plan: (clusters: readonly string[], by?: string) =>
      planScans({ audits, messages, clock: () => new Date(NOW), newId: () => 'a1' }, clusters, by),
  };
}

describe('an audit of chosen clusters', () => {
  it('plans every cluster before it queues the first, so that the audit does not end with the first scan', async () => {
    const { did, plan } = aWorld();
    await plan(['one', 'two']);
    expect(did).toEqual(['start a1', 'planned one', 'planned two', `queue one a1 a1 ${NOW} 0`, `queue two a1 a1 ${NOW} 0`]);
  });

  it('is on request, lists no subscription, and records the chosen clusters and who started it', async () => {
    const audit = { id: 'a1', startedAt: NOW, cause: 'request', subscriptions: [], clusters: ['one'] };
    expect(await aWorld().plan(['one'])).toEqual(audit);
    expect(await aWorld().plan(['one'], 'somebody')).toEqual({ ...audit, requestedBy: 'somebody' });
  });

  it('keeps a cluster that could not be queued as planned, so that the audit reports in the end that it never reported', async () => {
    const { did, plan } = aWorld('two');
    await expect(plan(['one', 'two'])).rejects.toThrow('The queue is full.');
    expect(did).toContain('planned two');
    expect(did.filter((one) => one.startsWith('queue two'))).toEqual([]);
  });
});
