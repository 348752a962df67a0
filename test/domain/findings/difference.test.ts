import { describe, expect, it } from 'vitest';
import { netChanges } from '../../../shared/domain/findings/difference.ts';
import type { HistoryEntry } from '../../../shared/domain/findings/finding.ts';

type Kind = HistoryEntry['kind'];

/** A line of history; the greater its hour, the newer it is. */
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
/** One finding's lines, the oldest first as they read; the history gives the newest first. */
const lines = (...kinds: readonly Kind[]) => kinds.map((kind, at) => line('f', kind, at)).toReversed();

describe('the difference between two moments', () => {
  it.each<[string, readonly Kind[], string | undefined]>([
    ['a finding that opened', ['opened'], 'opened'],
    ['one that came back', ['reopened'], 'opened'],
    ['one that opened and got worse', ['opened', 'changed'], 'opened'],
    ['one that was resolved', ['resolved'], 'resolved'],
    ['one that got worse and was resolved', ['changed', 'resolved'], 'resolved'],
    ['one that got worse', ['changed'], 'changed'],
    ['one that was resolved and came back', ['resolved', 'reopened'], 'changed'],
    ['one that opened and was resolved in between', ['opened', 'resolved'], undefined],
    ['one that came back and was resolved again', ['reopened', 'changed', 'resolved'], undefined],
    ['one that was resolved, came back and was resolved again', ['resolved', 'reopened', 'resolved'], 'resolved'],
    ['one that opened, was resolved and came back', ['opened', 'resolved', 'reopened'], 'opened'],
  ])('of %s counts the two ends alone', (_, kinds, kind) => {
    const newestFirst = lines(...kinds);
    expect(netChanges(newestFirst)).toEqual(kind === undefined ? [] : [{ kind, entry: newestFirst[0] }]);
  });

  it('keeps findings apart whose lines are mixed, in the order of their newest lines', () => {
    const mixed = [line('b', 'resolved', 4), line('a', 'changed', 3), line('b', 'changed', 2), line('a', 'opened', 1)];
    expect(netChanges(mixed).map(({ kind, entry }) => [entry.findingId, kind])).toEqual([
      ['b', 'resolved'],
      ['a', 'opened'],
    ]);
  });

  it('is nothing where nothing happened', () => {
    expect(netChanges([])).toEqual([]);
  });
});
