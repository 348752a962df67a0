import type { HistoryEntry } from './finding.ts';

/** How a finding changed between two moments: only the two end states count. */
export interface NetChange {
  readonly kind: 'opened' | 'resolved' | 'changed';
  /** The newest entry of its history. */
  readonly entry: HistoryEntry;
}

/** What opened, resolved and changed between two moments, from the history between them, newest entry first. */
export function netChanges(newestFirst: readonly HistoryEntry[]): readonly NetChange[] {
  return [...Map.groupBy(newestFirst, ({ findingId }) => findingId).values()].flatMap((lines): readonly NetChange[] => {
    const [newest] = lines;
    const oldest = lines.at(-1);
    if (newest === undefined || oldest === undefined) return [];
    const wasOpen = oldest.kind === 'resolved' || oldest.kind === 'changed';
    const isOpen = newest.kind !== 'resolved';
    if (!wasOpen && !isOpen) return [];
    if (wasOpen && isOpen) return [{ kind: 'changed', entry: newest }];
    return [{ kind: isOpen ? 'opened' : 'resolved', entry: newest }];
  });
}
