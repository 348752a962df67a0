import { Fault } from '../domain/snapshot/fault.ts';
import type { Page } from '../ports/finding-store.ts';

/** One page of keyed values, in order of their keys; the cursor is the key of the last value returned. */
export function pageOf<T>(values: Iterable<readonly [string, T]>, top: number, after: string | undefined): Page<T> {
  const rest = [...values].sort(([a], [b]) => (a < b ? -1 : 1)).filter(([key]) => after === undefined || key > after);
  const shown = rest.slice(0, top);
  const value = shown.map(([, one]) => structuredClone(one));
  const last = shown.at(-1)?.[0];
  return rest.length > top && last !== undefined ? { value, next: last } : { value };
}

const LATEST_MS = 9_999_999_999_999;

/** Digits that sort the newest first. */
export function newestFirst(at: string): string {
  return String(LATEST_MS - Date.parse(at)).padStart(13, '0');
}

/** Rejects a cursor that belongs to another list. */
export function assertCursor(after: string | undefined, form: RegExp): void {
  if (after !== undefined && !form.test(after)) throw new Fault('malformed', 'Not a cursor of this list.');
}
