import type { WirePod } from '../wire/messages.ts';
import { oneLine } from '../wire/one-line.ts';
import { NAMESPACES, PODS, podsOf, type Resource } from '../wire/resources.ts';
import { BrokenStream, type TakeItem } from '../wire/streamed-list.ts';
import { PodFold } from './fold.ts';
import type { FoldContext } from './fold-context.ts';
import { type Lists, onceAgain, readAll } from './list.ts';
import { ListExpired } from './list-fault.ts';
import { Unstreamed } from './stream-list.ts';

/** Told now and then how many pods of the one list of all pods were read, and how many remain; may throw to give the census up. */
export type Watch = (read: number, remaining: number | undefined) => void;

/** Every pod, and how they were read. */
export interface Census {
  readonly fold: PodFold;
  /** For people who ask how it is known: the end of "pods read by …". */
  readonly by: string;
}

/** A stream has no pages; it is watched each time that so many pods have come. */
const WATCHED_PODS = 500;

/**
 * Reads every pod: by one streamed list where the server streams lists, else by pages. A stream that breaks counts
 * for nothing, and pages take over. Throws `Fault` rather than report a part.
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
 * A list that the server forgot is begun again once; then each namespace is a list of its own, which is shorter and
 * ends before it is forgotten.
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
