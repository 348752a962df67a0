import { Fault } from '../../domain/snapshot/fault.ts';
import { PODS } from '../wire/resources.ts';
import type { Lists } from './list.ts';

/** Returns the number of pods; `undefined` if the server does not report how many remain after the first page. */
export async function countPods(lists: Lists, abortSignal: AbortSignal): Promise<number | undefined> {
  for await (const page of lists.pages(PODS, { limit: 1 }, abortSignal)) {
    if (page.next === undefined) return page.length;
    return page.remaining === undefined ? undefined : page.length + page.remaining;
  }
  throw new Fault('malformed', 'The list of pods has no page.');
}
