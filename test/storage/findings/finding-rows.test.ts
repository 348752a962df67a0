import { expect, it } from 'vitest';
import type { HistoryEntry } from '../../../shared/domain/findings/finding.ts';
import { changeRow, findingRow, historyRow } from '../../../shared/storage/findings/finding-rows.ts';
import { aFinding } from '../../http/estate.ts';

const AT = '2026-11-20T10:00:00.000Z';
const ID = '0123456789abcdef-0123456789abcdef0123456789abcdef';
const LINE: HistoryEntry = {
  findingId: ID,
  clusterId: 'c',
  ruleId: 'r',
  at: AT,
  kind: 'opened',
  cause: 'audit-1',
  severity: 'low',
  message: 'm',
};

/** A version that wrote other keys would not find the rows of earlier ones, or would list them in another order. */
it.each([
  ['a finding', findingRow(aFinding({ id: ID })), ['0123456789abcdef', ID, '']],
  [
    'a resolved finding',
    findingRow(aFinding({ id: ID, status: 'resolved', resolvedAt: AT })),
    ['0123456789abcdef', ID, 'r2026-11-20T10:00:00.000Z'],
  ],
  [
    'a history entry',
    historyRow(LINE),
    ['0123456789abcdef', 'h-0123456789abcdef0123456789abcdef-8204831199999-opened', 'h2026-11-20T10:00:00.000Z'],
  ],
  ['its copy among the changes', changeRow(LINE), ['2026-11-20', '8204831199999-8498da59534a3119', undefined]],
])('%s has the keys of every version', (_, { partitionKey, rowKey, expiresAt }, keys) => {
  expect([partitionKey, rowKey, expiresAt]).toEqual(keys);
});
