import { Fault } from '../../domain/snapshot/fault.ts';

/** A list with this many pages either does not end or is too large for memory. */
const MAX_PAGES = 1_000;

/** What the page that was read last says of the next one; nothing, or an empty text, if it is the last one. */
export type Link = string | null | undefined;

/** Reads every page of a list; a list that returns to an earlier page is an error, never complete. `field` names what has the link. */
export async function drain(pages: AsyncIterable<unknown>, link: () => Link, what: string, field = 'nextLink'): Promise<void> {
  const seen = new Set<string>();
  for await (const _ of pages) {
    const next = link();
    if (next == null || next === '') continue;
    if (seen.has(next))
      throw new Fault('malformed', `Cannot ${what}: the response is malformed: ${field} points to a page that was already read.`);
    seen.add(next);
    if (seen.size >= MAX_PAGES) throw new Fault('too-large', `Cannot ${what}: the list has more than ${MAX_PAGES} pages.`);
  }
}

/** Returns the response of a call with exactly one page. */
export function only<T>([answer]: readonly T[]): T {
  if (answer === undefined) throw new TypeError('The call succeeded without a response.');
  return answer;
}
