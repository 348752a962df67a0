import type { Finding } from '../../domain/findings/finding.ts';
import { SEVERITIES } from '../../domain/policy/severity.ts';
import { Fault } from '../../domain/snapshot/fault.ts';
import type { FindingFilter, FindingStore, Page } from '../../ports/finding-store.ts';

/** The orders of lists of findings; `severity desc` begins with the most severe. */
export const FINDING_ORDERS = ['id', 'severity desc', 'severity asc'] as const;
export type FindingOrder = (typeof FINDING_ORDERS)[number];

/** Reads one page of a list, from the beginning or after another page. */
type ReadPage = (top: number, after: string | undefined) => Promise<Page<Finding>>;

/**
 * Returns a reader of pages in an order. By severity it reads one severity after another, each by id; the store knows which clusters have
 * findings of a severity, so nothing is sorted in memory.
 */
export function pagesOf(findings: Pick<FindingStore, 'list'>, filter: FindingFilter, order: FindingOrder): ReadPage {
  if (order === 'id') return (top, after) => findings.list(filter, top, after);
  const wanted = SEVERITIES.filter((severity) => filter.severity?.includes(severity) ?? true);
  const severities = order === 'severity desc' ? wanted : wanted.toReversed();
  return async (top, after) => {
    const { start, from }: CursorPlace = after === undefined ? { start: 0 } : readCursor(after, severities);
    const value: Finding[] = [];
    for (const [at, severity] of severities.slice(start).entries()) {
      const page = await findings.list({ ...filter, severity: [severity] }, top - value.length, at === 0 ? from : undefined);
      value.push(...page.value);
      if (page.next !== undefined) return { value, next: `${severity}:${page.next}` };
      const following = severities[start + at + 1];
      if (value.length >= top && following !== undefined) return { value, next: `${following}:` };
    }
    return { value };
  };
}

interface CursorPlace {
  readonly start: number;
  readonly from?: string;
}

/** A cursor is a severity, a colon, and the cursor in the list of that severity. */
function readCursor(cursor: string, severities: readonly string[]): CursorPlace {
  const colon = cursor.indexOf(':');
  const start = severities.indexOf(cursor.slice(0, colon));
  if (colon < 0 || start < 0) throw new Fault('malformed', 'Not a cursor of this list.');
  const from = cursor.slice(colon + 1);
  return from === '' ? { start } : { start, from };
}
