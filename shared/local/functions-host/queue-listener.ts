import { setTimeout as delay } from 'node:timers/promises';
import { handleMessage, isMissing } from './queue-message.ts';
import type { QueueSource } from './queue-source.ts';

/** The shortest pause; pauses grow to the longest while a queue stays empty, as in the real host. */
const MIN_POLL_MS = 50;

/** Serves one queue trigger until it is stopped. */
export interface QueueListener {
  /** Number of messages taken so far. */
  readonly taken: () => number;
  /** Whether no message is in progress and the queue is empty, hidden messages included. */
  isEmpty(): Promise<boolean>;
  /** Takes no more messages, and waits for those in progress. */
  stop(): Promise<void>;
}

/** Polls a queue as the real host does: batches, visibility, dequeue counts, the poison queue. */
export function listenToQueue(source: QueueSource): QueueListener {
  const stopping = new AbortController();
  const inHand = new Set<Promise<void>>();
  let taken = 0;
  const take = (message: Parameters<typeof handleMessage>[1]) => {
    taken += 1;
    const work = handleMessage(source, message)
      .catch((error: unknown) => source.log(`error ${source.called.name}: ${String(error)}`))
      .finally(() => inHand.delete(work));
    inHand.add(work);
  };
  const done = poll(source, inHand, take, stopping.signal);
  return {
    taken: () => taken,
    isEmpty: async () => inHand.size === 0 && (await messagesIn(source)) === 0 && inHand.size === 0,
    stop: async () => {
      stopping.abort();
      await done;
      await Promise.all(inHand);
    },
  };
}

async function poll(
  source: QueueSource,
  inHand: ReadonlySet<unknown>,
  take: (message: Parameters<typeof handleMessage>[1]) => void,
  signal: AbortSignal,
): Promise<void> {
  const { batchSize, newBatchThreshold } = source.options;
  let pause = MIN_POLL_MS;
  while (!signal.aborted) {
    const messages = inHand.size > newBatchThreshold ? [] : await receive(source, batchSize, signal);
    for (const message of messages) take(message);
    pause = messages.length > 0 ? MIN_POLL_MS : Math.min(source.longestPoll, pause * 2);
    await wait(inHand.size > 0 ? MIN_POLL_MS : pause, signal);
  }
}

async function receive({ called, queue, leaseSeconds, log }: QueueSource, numberOfMessages: number, abortSignal: AbortSignal) {
  try {
    const { receivedMessageItems } = await queue.receiveMessages({ numberOfMessages, visibilityTimeout: leaseSeconds, abortSignal });
    return receivedMessageItems;
  } catch (error) {
    // A queue that does not exist yet counts as empty. Storage may be unavailable for a while; the next poll retries.
    if (!abortSignal.aborted && !isMissing(error)) log(`warning ${called.name}: cannot read ${queue.name}: ${String(error)}`);
    return [];
  }
}

async function messagesIn({ queue }: QueueSource): Promise<number> {
  try {
    return (await queue.getProperties()).approximateMessagesCount ?? 0;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
}

async function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(milliseconds, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
