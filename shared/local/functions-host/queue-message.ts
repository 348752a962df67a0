import type { DequeuedMessageItem } from '@azure/storage-queue';
import type { RpcTypedData } from './core-module.ts';
import type { QueueOptions } from './host-json.ts';
import { type FunctionLog, invoke } from './invoke.ts';
import type { QueueSource } from './queue-source.ts';

/** Whether storage reports that the queue or the message does not exist. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'statusCode' in error && error.statusCode === 404;
}

/** Runs the function for one message, then deletes it, hides it for another attempt, or moves it to the poison queue. */
export async function handleMessage(source: QueueSource, message: DequeuedMessageItem): Promise<void> {
  const { called, queue, options, log } = source;
  const text = decode(message.messageText, options);
  if (isSpent(source, message, 1)) return giveUp(source, message);
  if (text === undefined) log(`error ${called.name}: message ${message.messageId} is not in the encoding that host.json sets.`);
  const lease = keepHidden(source, message);
  // Observed with the real host: a message that it cannot decode fails each attempt without a call, and stays in the poison queue.
  const failed = text === undefined || (await run(source, message, text));
  const held = { ...message, popReceipt: await lease.end() };
  if (!failed) return unlessTaken(queue.deleteMessage(held.messageId, held.popReceipt), called.name, log);
  if (source.poison === undefined || isSpent(source, message)) return giveUp(source, held);
  const after = options.visibilityTimeout / 1000;
  return unlessTaken(queue.updateMessage(held.messageId, held.popReceipt, held.messageText, after), called.name, log);
}

/** Whether a message reached the limit of attempts in host.json; messages of a poison queue have no limit. */
function isSpent({ options, poison }: QueueSource, { dequeueCount }: DequeuedMessageItem, more = 0): boolean {
  return poison !== undefined && dequeueCount >= options.maxDequeueCount + more;
}

/** Whether the function threw. */
async function run({ called, log }: QueueSource, message: DequeuedMessageItem, text: string): Promise<boolean> {
  try {
    await invoke(called, { string: text }, metadataOf(message, text), log);
    return false;
  } catch (error) {
    log(`error ${called.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return true;
  }
}

/** A message whose lease expired may be deleted or owned by another instance, which then handles it. */
async function unlessTaken(settled: Promise<unknown>, name: string, log: FunctionLog): Promise<void> {
  try {
    await settled;
  } catch (error) {
    if (!isMissing(error) && !isForeign(error)) throw error;
    log(`warning ${name}: a message was taken by another process while it was being handled.`);
  }
}

function isForeign(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'PopReceiptMismatch';
}

/**
 * Moves a message to the poison queue: it is copied before it is deleted, so that a crash in between duplicates the message instead
 * of losing it. Without a poison queue it stays hidden until its lease runs out.
 */
async function giveUp({ called, queue, poison, log }: QueueSource, message: DequeuedMessageItem): Promise<void> {
  if (poison === undefined) return;
  log(`warning ${called.name}: message ${message.messageId} goes to ${poison.name}.`);
  await poison.createIfNotExists();
  await poison.sendMessage(message.messageText);
  await unlessTaken(queue.deleteMessage(message.messageId, message.popReceipt), called.name, log);
}

function keepHidden({ queue, leaseSeconds, log, called }: QueueSource, message: DequeuedMessageItem) {
  let popReceipt = message.popReceipt;
  let renewal: Promise<void> = Promise.resolve();
  const renew = async () => {
    try {
      const renewed = await queue.updateMessage(message.messageId, popReceipt, message.messageText, leaseSeconds);
      popReceipt = renewed.popReceipt ?? popReceipt;
    } catch (error) {
      log(`warning ${called.name}: a message could not be kept hidden: ${String(error)}`);
    }
  };
  const timer = setInterval(
    () => {
      renewal = renewal.then(renew);
    },
    (leaseSeconds * 1000) / 2,
  );
  return {
    /** Stops renewing and returns the current receipt. */
    end: async () => {
      clearInterval(timer);
      await renewal;
      return popReceipt;
    },
  };
}

/** The text of a message; `undefined` if host.json requires base64 and the message is not base64. */
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
