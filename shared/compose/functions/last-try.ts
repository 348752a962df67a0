import type { FailedMessage } from '../../usecases/park-message.ts';
import { messageText } from './message-text.ts';

/** Equal to `maxDequeueCount` in host.json; a test compares the two. */
export const MAX_DEQUEUE_COUNT = 5;

/** The part of an invocation with the metadata of its queue message. */
interface QueueInvocation {
  readonly triggerMetadata?: Readonly<Record<string, unknown>> | undefined;
}

/** Whether this is the last attempt for the message. */
export function isLastTry(context: QueueInvocation): boolean {
  return Number(context.triggerMetadata?.dequeueCount ?? 1) >= MAX_DEQUEUE_COUNT;
}

/** The text of a message from a poison queue. */
export function failedMessage(queue: string, message: unknown, context: QueueInvocation): FailedMessage {
  return {
    queue,
    id: String(context.triggerMetadata?.id ?? ''),
    body: messageText(message),
    dequeueCount: MAX_DEQUEUE_COUNT,
  };
}
