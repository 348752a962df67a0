import { z } from 'zod';
import type { Page } from '../../ports/finding-store.ts';
import type { ApiDependencies, ApiResponse } from './api.ts';
import { openCursor, sealCursor } from './cursor.ts';
import { json } from './negotiate.ts';
import { type Call, pathOf } from './route.ts';

/** The parameters of every list. */
export const LIST_PARAMETERS = {
  top: z.number('expected a whole number from 1 to 1000').int().min(1).max(1_000).default(100).describe('At most this many.'),
  cursor: z
    .string()
    .min(1)
    .max(4_000)
    .optional()
    .describe('The cursor of the next page, from `nextLink`; only for the same list and filters.'),
};

interface ListQuery {
  readonly top: number;
  readonly cursor?: string | undefined;
}

/** Maximum number of reads for one page; a page may then be shorter than `top`, with a `nextLink`. */
const MAX_READS = 20;

/** Returns one page of a list, with a link to the next page that is valid only for this list and its filters. */
export async function pageResponse<T, Q extends ListQuery>(
  { cursorSecret = async () => '' }: Pick<ApiDependencies, 'cursorSecret'>,
  call: Call<Q>,
  read: (top: number, after: string | undefined) => Promise<Page<T>>,
  totals: Readonly<Record<string, unknown>> = {},
): Promise<ApiResponse> {
  const list = listKey(call);
  const after = call.query.cursor === undefined ? undefined : openCursor(call.query.cursor, list, await cursorSecret());
  const page = await read(call.query.top, after);
  if (page.next === undefined) return json({ value: page.value, ...totals });
  return json({ value: page.value, ...totals, nextLink: linkTo(call.url, sealCursor(page.next, list, await cursorSecret())) });
}

/** Reads until the page is full, the list ends, or the maximum number of reads is reached; keeps items that match. */
export async function fillPage<T>(
  top: number,
  after: string | undefined,
  read: (top: number, after: string | undefined) => Promise<Page<T>>,
  keep: (value: T) => boolean,
): Promise<Page<T>> {
  const value: T[] = [];
  let from = after;
  for (let reads = 1; ; reads++) {
    const { value: some, next } = await read(top - value.length, from);
    value.push(...some.filter(keep));
    if (next === undefined) return { value };
    if (value.length >= top || reads === MAX_READS) return { value, next };
    from = next;
  }
}

function listKey<Q extends ListQuery>(call: Call<Q>): string {
  const { top: _top, cursor: _cursor, ...filters } = call.query;
  // Sorted, because a later version may order its schema differently, and a cursor outlives an upgrade.
  const sorted = Object.entries(filters).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([call.route, call.params, sorted]);
}

/** A relative link, because the caller controls the host of a request; without a key, because links end up in logs and chats. */
function linkTo(url: URL, cursor: string): string {
  const search = new URLSearchParams(url.searchParams);
  search.delete('code');
  search.delete('clientId');
  search.set('cursor', cursor);
  return `${pathOf(url)}?${search}`;
}
