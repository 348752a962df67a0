import { setTimeout as delay } from 'node:timers/promises';
import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import type { RegisteredFunction, RpcTypedData } from './core-module.ts';
import type { QueueOptions } from './host-json.ts';
import { type FunctionLog, invoke } from './invoke.ts';

/** A message is hidden this long while its function runs, and hidden again before the time is up. */
const LEASE_SECONDS = 30;
const RENEW_MS = (LEASE_SECONDS * 1000) / 2;
const MIN_POLL_MS = 50;
const MAX_POLL_MS = 500;

/** One queue and the function that it wakes. */
export interface QueueSource {
  readonly called: RegisteredFunction;
  readonly queue: QueueClient;
  readonly poison: QueueClient;
}

/** Serves one queue trigger until it is stopped. */
export interface QueueListener {
  readonly busy: () => boolean;
  /** Takes no more messages and waits for those in hand. */
  stop(): Promise<void>;
}

/** Polls a queue as the real host does: batches, visibility, dequeue counts, the poison queue. */
export function listenToQueue(source: QueueSource, options: QueueOptions, log: FunctionLog): QueueListener {
  const stopping = new AbortController();
  const inHand = new Set<Promise<void>>();
  const done = poll(source, options, log, inHand, stopping.signal);
  return {
    busy: () => inHand.size > 0,
    stop: async () => {
      stopping.abort();
      await done;
      await Promise.all(inHand);
    },
  };
}

async function poll(
  source: QueueSource,
  options: QueueOptions,
  log: FunctionLog,
  inHand: Set<Promise<void>>,
  signal: AbortSignal,
): Promise<void> {
  let pause = MIN_POLL_MS;
  while (!signal.aborted) {
    const messages = inHand.size > options.newBatchThreshold ? [] : await receive(source, options, log, signal);
    for (const message of messages) {
      const work = handle(source, options, message, log)
        .catch((error: unknown) => log(`error ${source.called.name}: ${String(error)}`))
        .finally(() => inHand.delete(work));
      inHand.add(work);
    }
    pause = messages.length > 0 ? MIN_POLL_MS : Math.min(MAX_POLL_MS, pause * 2);
    await wait(inHand.size > 0 ? MIN_POLL_MS : pause, signal);
  }
}

async function receive({ called, queue }: QueueSource, options: QueueOptions, log: FunctionLog, signal: AbortSignal) {
  try {
    const { receivedMessageItems } = await queue.receiveMessages({
      numberOfMessages: options.batchSize,
      visibilityTimeout: LEASE_SECONDS,
      abortSignal: signal,
    });
    return receivedMessageItems;
  } catch (error) {
    // Storage may be away for a while, and the queue may not have been made yet: the next poll will tell.
    if (!signal.aborted)
      log(`warning ${called.name}: cannot read ${queue.name}: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

async function handle(source: QueueSource, options: QueueOptions, message: DequeuedMessageItem, log: FunctionLog): Promise<void> {
  const { called, queue } = source;
  const text = decode(message.messageText, options);
  if (text === undefined || message.dequeueCount > options.maxDequeueCount) return toPoison(source, message);
  const lease = keepHidden(queue, message, log);
  try {
    await invoke(called, { string: text }, metadataOf(message, text), log);
    await queue.deleteMessage(message.messageId, await lease.end());
  } catch (error) {
    log(`error ${called.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    const popReceipt = await lease.end();
    if (message.dequeueCount >= options.maxDequeueCount) await toPoison(source, { ...message, popReceipt });
    else await queue.updateMessage(message.messageId, popReceipt, message.messageText, options.visibilityTimeout / 1000);
  }
}

/** A copy before the deletion: a crash in between doubles the message rather than loses it. */
async function toPoison({ queue, poison }: QueueSource, message: DequeuedMessageItem): Promise<void> {
  await poison.createIfNotExists();
  await poison.sendMessage(message.messageText);
  await queue.deleteMessage(message.messageId, message.popReceipt);
}

function keepHidden(queue: QueueClient, message: DequeuedMessageItem, log: FunctionLog) {
  let popReceipt = message.popReceipt;
  let renewal: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    renewal = queue
      .updateMessage(message.messageId, popReceipt, message.messageText, LEASE_SECONDS)
      .then((renewed) => {
        popReceipt = renewed.popReceipt ?? popReceipt;
      })
      .catch((error: unknown) => log(`warning: a message could not be kept hidden: ${String(error)}`));
  }, RENEW_MS);
  return {
    /** Stops renewing and gives the receipt that counts now; harmless twice. */
    end: async () => {
      clearInterval(timer);
      await renewal;
      return popReceipt;
    },
  };
}

/** Base64 that is none cannot be a message of an app that writes base64; the real host gives up on it too. */
function decode(text: string, { messageEncoding }: QueueOptions): string | undefined {
  if (messageEncoding === 'none') return text;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text.trim() ? bytes.toString('utf8') : undefined;
}

function metadataOf(message: DequeuedMessageItem, text: string): Record<string, RpcTypedData> {
  const json = (value: unknown) => ({ json: JSON.stringify(value) });
  return {
    QueueTrigger: { string: text },
    Id: { string: message.messageId },
    PopReceipt: { string: message.popReceipt },
    DequeueCount: json(message.dequeueCount),
    InsertionTime: json(message.insertedOn),
    ExpirationTime: json(message.expiresOn),
    NextVisibleTime: json(message.nextVisibleOn),
  };
}

async function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(milliseconds, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
