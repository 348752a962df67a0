import { expect, it } from 'vitest';
import type { AuditedCluster, AuditReport } from '../../shared/ports/audit-store.ts';
import { endedLine, plannedLine } from '../../shared/usecases/audit-lines.ts';

const AT = '2026-11-20T10:00:00.000Z';
const audit = { id: 'a1', startedAt: AT, cause: 'timer', subscriptions: ['s1', 's2'] } as const;
const COUNTS = { endedAt: AT, planned: 2, scanned: 1, notAssessed: 1, notListed: 0, changed: 0 };
const cluster = (state: AuditedCluster['state']) => ({ auditId: 'a1', clusterId: state, at: AT, state, reasons: [], changed: 0 });
const subscription = (isListed: boolean): AuditReport['subscriptions'][number] => ({
  auditId: 'a1',
  subscriptionId: 's1',
  at: AT,
  outcome: isListed ? { state: 'listed', clusters: 1 } : { state: 'not-listed', reason: { code: 'denied', message: 'No.' } },
});

it.each<[string, readonly AuditedCluster['state'][], readonly boolean[], 'complete' | 'incomplete', string]>([
  ['saw a cluster whole', ['not-assessed', 'assessed'], [true], 'complete', 'info seeing'],
  ['saw a cluster in part', ['not-assessed', 'partly-assessed'], [true], 'complete', 'info seeing'],
  ['saw no cluster', ['not-assessed', 'planned'], [true], 'complete', 'error blind'],
  ['found no cluster', [], [false, true], 'complete', 'info seeing'],
  ['could list nothing', [], [false], 'incomplete', 'error blind'],
  ['could not list all', ['assessed'], [false, true], 'incomplete', 'error seeing'],
])('an audit that %s ends with a line that says so', (_, clusters, listed, state, told) => {
  const [level, outcome] = told.split(' ');
  const report = { audit, subscriptions: listed.map(subscription), clusters: clusters.map(cluster) };
  const line = endedLine(report, { state, ...COUNTS });
  expect(line.level).toBe(level);
  expect(line.text).toMatch(
    new RegExp(`^Audit ended: a1 ${state}, outcome ${outcome}, 1 of 2 clusters scanned, 1 not or partly assessed, 0 `),
  );
});

it('an audit of nothing is an error that says what to set', () => {
  expect(plannedLine(audit)).toEqual({ level: 'info', text: 'Audit planned: a1 over 2 subscriptions, cause timer' });
  expect(plannedLine({ ...audit, subscriptions: ['s1'] }).level).toBe('info');
  expect(plannedLine({ ...audit, subscriptions: [] })).toEqual({ level: 'error', text: expect.stringContaining('KATAUDIT_SUBSCRIPTIONS') });
});
