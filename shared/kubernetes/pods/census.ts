import type { WirePod } from '../wire/messages.ts';
import { oneLine } from '../wire/one-line.ts';
import { NAMESPACES, PODS, podsOf, type Resource } from '../wire/resources.ts';
import { BrokenStream, type TakeItem } from '../wire/streamed-list.ts';
import { PodFold } from './fold.ts';
import type { FoldContext } from './fold-context.ts';
import { type Lists, onceAgain, readAll } from './list.ts';
import { ListExpired } from './list-fault.ts';
import { Unstreamed } from './stream-list.ts';

/** Called from time to time with the number of pods read and, if known, of those that remain; may throw to cancel the census. */
export type Watch = (read: number, remaining: number | undefined) => void;

/** All pods, and how they were read. */
export interface Census {
  readonly fold: PodFold;
  /** How the pods were read, as the end of the sentence "pods read by …". */
  readonly by: string;
}

/** A stream has no pages, so its watch is called after every so many pods. */
const WATCHED_PODS = 500;

/**
 * Reads every pod: with one streamed list if the server streams lists, else in pages. After a broken stream its pods are discarded and
 * read in pages. Throws a `Fault` instead of returning only a part.
 */
export async function readCensus(lists: Lists, context: FoldContext, watch: Watch, abortSignal: AbortSignal): Promise<Census> {
  try {
    return { fold: await readStream(lists, context, watch, abortSignal), by: 'one streamed list' };
  } catch (error) {
    if (!(error instanceof Unstreamed)) throw error;
    return { fold: await readPages(lists, context, watch, abortSignal), by: `pages, because ${error.message}` };
  }
}

async function readStream(lists: Lists, context: FoldContext, watch: Watch, abortSignal: AbortSignal): Promise<PodFold> {
  const fold = new PodFold(context);
  const take: TakeItem = (bytes, start, end) => {
    add(fold, bytes, start, end);
    if (fold.pods % WATCHED_PODS === 0) watch(fold.pods, undefined);
  };
  await lists.stream(PODS, take, abortSignal);
  return fold;
}

function add(fold: PodFold, bytes: Buffer, start: number, end: number): void {
  try {
    fold.addBytes(bytes, start, end);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new BrokenStream(`a pod could not be decoded: ${oneLine(problem)}`, { cause });
  }
}

/**
 * A list that expired is restarted once; then each namespace is listed separately, which is faster and therefore finishes before it
 * expires.
 */
async function readPages(lists: Lists, context: FoldContext, watch: Watch, abortSignal: AbortSignal): Promise<PodFold> {
  try {
    return await onceAgain(() => readOne(lists, PODS, context, watch, abortSignal));
  } catch (error) {
    if (!(error instanceof ListExpired)) throw error;
  }
  const all = new PodFold(context);
  for (const { metadata } of await readAll(lists, NAMESPACES, abortSignal)) {
    const pods = podsOf(metadata?.name ?? '');
    // API servers return an empty list for a deleted namespace, so a 404 comes from a proxy and is not evidence.
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
    fold.addPage(page);
    watch(fold.pods, page.remaining);
  }
  return fold;
}
