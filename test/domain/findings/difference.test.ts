import { describe, expect, it } from 'vitest';
import { netChanges } from '../../../shared/domain/findings/difference.ts';
import type { HistoryEntry } from '../../../shared/domain/findings/finding.ts';

type Kind = HistoryEntry['kind'];

/** A history entry; a greater hour is newer. */
const line = (findingId: string, kind: Kind, hour: number): HistoryEntry => ({
  findingId,
  clusterId: 'c',
  ruleId: 'r',
  at: `2026-11-23T${String(hour).padStart(2, '0')}:00:00.000Z`,
  kind,
  cause: 'audit-1',
  severity: 'high',
  message: `${kind} at ${hour}`,
});
/** The history of one finding, written oldest first; the history itself is newest first. */
const lines = (...kinds: readonly Kind[]) => kinds.map((kind, at) => line('f', kind, at)).toReversed();

describe('the difference between two moments', () => {
  it.each<[string, readonly Kind[], string | undefined]>([
    ['a finding that opened', ['opened'], 'opened'],
    ['one that reopened', ['reopened'], 'opened'],
    ['one that opened and got worse', ['opened', 'changed'], 'opened'],
    ['one that was resolved', ['resolved'], 'resolved'],
    ['one that got worse and was resolved', ['changed', 'resolved'], 'resolved'],
    ['one that got worse', ['changed'], 'changed'],
    ['one that was resolved and reopened', ['resolved', 'reopened'], 'changed'],
    ['one that opened and was resolved in between', ['opened', 'resolved'], undefined],
    ['one that reopened and was resolved again', ['reopened', 'changed', 'resolved'], undefined],
    ['one that was resolved, reopened and was resolved again', ['resolved', 'reopened', 'resolved'], 'resolved'],
    ['one that opened, was resolved and reopened', ['opened', 'resolved', 'reopened'], 'opened'],
  ])('of %s counts only the first and the last state', (_, kinds, kind) => {
    const newestFirst = lines(...kinds);
    expect(netChanges(newestFirst)).toEqual(kind === undefined ? [] : [{ kind, entry: newestFirst[0] }]);
  });

  it('separates findings with mixed history entries, in the order of their newest entries', () => {
    const mixed = [line('b', 'resolved', 4), line('a', 'changed', 3), line('b', 'changed', 2), line('a', 'opened', 1)];
    expect(netChanges(mixed).map(({ kind, entry }) => [entry.findingId, kind])).toEqual([
      ['b', 'resolved'],
      ['a', 'opened'],
    ]);
  });

  it('is empty when nothing happened', () => {
    expect(netChanges([])).toEqual([]);
  });
});
