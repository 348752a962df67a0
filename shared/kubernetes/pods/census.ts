import type { ListPage } from '../wire/list-page.ts';
import type { WirePod } from '../wire/messages.ts';
import { NAMESPACES, PODS, podsOf, type Resource } from '../wire/resources.ts';
import { type FoldContext, PodFold } from './fold.ts';
import { type Lists, onceAgain, readAll } from './list.ts';
import { ListExpired } from './list-fault.ts';

/** Told after each page of the one list of all pods; may throw to give the census up. */
export type Watch = (read: number, page: ListPage<WirePod>) => void;

/**
 * Reads every pod. A list that the server forgot is begun again once; then each namespace is a list
 * of its own, which is shorter and ends before it is forgotten. Throws `Fault` rather than tell of a part.
 */
export async function readCensus(lists: Lists, context: FoldContext, watch: Watch, abortSignal: AbortSignal): Promise<PodFold> {
  try {
    return await onceAgain(() => readOne(lists, PODS, context, watch, abortSignal));
  } catch (error) {
    if (!(error instanceof ListExpired)) throw error;
  }
  const all = new PodFold(context);
  for (const { metadata } of await readAll(lists, NAMESPACES, abortSignal)) {
    const pods = podsOf(metadata?.name ?? '');
    // Of a namespace deleted since an API server shows an empty list: a 404 is somebody else's, and no evidence.
    all.absorb(await onceAgain(() => readOne(lists, pods, context, () => undefined, abortSignal)));
  }
  return all;
}

async function readOne(
  lists: Lists,
  pods: Resource<WirePod>,
  context: FoldContext,
  watch: Watch,
  abortSignal: AbortSignal,
): Promise<PodFold> {
  const fold = new PodFold(context);
  for await (const page of lists.pages(pods, {}, abortSignal)) {
    for (const pod of page.items()) fold.add(pod);
    watch(fold.pods, page);
  }
  return fold;
}
