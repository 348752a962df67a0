import { describe, expect, it } from 'vitest';
import type { Finding, FindingChange } from '../../shared/domain/findings/finding.ts';
import { criticalLines } from '../../shared/usecases/critical-lines.ts';

const CLUSTER =
  '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/c';
const FINDING: Finding = {
  id: 'key-1',
  ruleId: 'isolation-proven',
  clusterId: CLUSTER,
  clusterName: 'c',
  subscriptionId: '11111111-1111-1111-1111-111111111111',
  subject: { kind: 'cluster' },
  severity: 'critical',
  status: 'open',
  message: 'A name\nthat is hostile',
  remediation: '',
  facts: {},
  coverage: { kind: 'full' },
  firstSeenAt: '2026-11-22T10:00:00.000Z',
  lastSeenAt: '2026-11-22T10:00:00.000Z',
  reopenCount: 0,
  observedAt: '2026-11-22T10:00:00.000Z',
};
const change = (kind: FindingChange['kind'], over: Partial<Finding> = {}): FindingChange => ({ kind, finding: { ...FINDING, ...over } });

describe('the lines of critical findings', () => {
  it('name each critical finding that opened or reopened', () => {
    expect(criticalLines([change('opened'), change('reopened', { id: 'key-2' })])).toEqual([
      `Critical finding opened: isolation-proven on ${CLUSTER}, finding key-1`,
      `Critical finding opened: isolation-proven on ${CLUSTER}, finding key-2`,
    ]);
  });

  it.each([
    ['was only seen again', change('seen')],
    ['was resolved', change('resolved')],
    ['is of high severity', change('opened', { severity: 'high' })],
  ])('contain nothing about a finding that %s', (_case, silent) => {
    expect(criticalLines([silent])).toEqual([]);
  });

  it.each([
    [50, 50],
    [51, 51],
    [5_000, 51],
  ])('report %i findings in %i lines', (count, lines) => {
    const told = criticalLines(Array.from({ length: count }, () => change('opened')));
    expect(told).toHaveLength(lines);
    if (count > 50) expect(told.at(-1)).toBe(`Critical finding opened: and ${count - 50} more`);
  });
});
