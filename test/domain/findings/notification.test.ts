import { describe, expect, it } from 'vitest';
import type { HistoryEntry } from '../../../shared/domain/findings/finding.ts';
import { isFor, type NotifiedChange, notifiedChanges } from '../../../shared/domain/findings/notification.ts';
import type { Exemption } from '../../../shared/domain/policy/policy.ts';
import { aFinding } from '../../http/estate.ts';

const AT = '2026-11-23T09:00:00.000Z';
const finding = aFinding();
const line = (over: Partial<HistoryEntry> = {}): HistoryEntry => ({
  findingId: finding.id,
  clusterId: finding.clusterId,
  ruleId: finding.ruleId,
  at: AT,
  kind: 'opened',
  cause: 'audit-1',
  severity: 'high',
  message: 'As it was.',
  ...over,
});
const exemption: Exemption = { id: 'e', rule: finding.ruleId, category: 'waiver', reason: 'r', approvedBy: 'a', expiresOn: '2099-01-01' };

describe('the changes in a notification', () => {
  it('are each opening, reopening and resolution, under a constant id, with the message at that time', () => {
    const kinds = ['opened', 'reopened', 'resolved', 'changed'] as const;
    const told = notifiedChanges(
      kinds.map((kind) => line({ kind })),
      [finding],
      [],
    );
    expect(told.map(({ id }) => id)).toEqual(['opened', 'reopened', 'resolved'].map((kind) => `${finding.id}/${AT}/${kind}`));
    expect(told[0]).toEqual({ id: `${finding.id}/${AT}/opened`, kind: 'opened', at: AT, severity: 'high', message: 'As it was.', finding });
  });

  it('do not include exempted findings, and findings that are not stored', () => {
    expect(notifiedChanges([line()], [finding], [exemption])).toEqual([]);
    expect(notifiedChanges([line()], [finding], [{ ...exemption, rule: 'another' }])).toHaveLength(1);
    expect(notifiedChanges([line({ findingId: 'gone' })], [finding], [])).toEqual([]);
  });

  it('are sorted by the severity at that time, and then by id', () => {
    const others = ['b', 'a', 'c'].map((id) => ({ ...finding, id }));
    const lines = [line({ findingId: 'b', severity: 'low' }), line({ findingId: 'c' }), line({ findingId: 'a' })];
    expect(notifiedChanges(lines, others, []).map(({ finding: { id } }) => id)).toEqual(['a', 'c', 'b']);
  });
});

const workload = { kind: 'workload', namespace: 'shop', ownerKind: 'Deployment', ownerName: 'cart' } as const;
const change = (severity: NotifiedChange['severity'], over: Parameters<typeof aFinding>[0] = {}): NotifiedChange => ({
  id: 'i',
  kind: 'opened',
  at: AT,
  severity,
  message: 'm',
  finding: aFinding(over),
});
type Wanted = Partial<Parameters<typeof isFor>[0]>;

it.each<[string, Wanted, NotifiedChange, boolean]>([
  ['of its severity', {}, change('high', { severity: 'low' }), true],
  ['of a higher severity', {}, change('critical'), true],
  ['of a lower severity, whatever it is now', {}, change('medium', { severity: 'high' }), false],
  ['of its rule', { rules: ['node-*'] }, change('high'), true],
  ['of another rule', { rules: ['kata-*'] }, change('high'), false],
  ['of its cluster', { clusters: ['PROD'] }, change('high'), true],
  ['of another cluster', { clusters: ['dev'] }, change('high'), false],
  ['of its workload', { owners: ['shop/c*'] }, change('high', { subject: workload }), true],
  ['of another workload', { owners: ['pay/*'] }, change('high', { subject: workload }), false],
  ['of no workload, when it names workloads', { owners: ['*'] }, change('high'), false],
])('a target is notified of a finding %s: %o', (_, wanted, told, expected) => {
  expect(isFor({ name: 't', format: 'slack', severity: 'high', digestSeconds: 0, ...wanted }, told)).toBe(expected);
});
