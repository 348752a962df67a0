import { z } from 'zod';
import type { TraceContext } from '../../ports/telemetry.ts';
import { withTimeLimit } from '../../ports/time-limit.ts';
import { type ParkMessage, parkedLine, parkMessage } from '../../usecases/park-message.ts';
import type { App } from '../container/app.ts';
import { getApp } from '../container/cloud.ts';
import { getParking } from '../container/parking.ts';
import { failedMessage, isLastTry } from './last-try.ts';
import { messageContent } from './message-text.ts';
import type { WORK_QUEUES } from './queue-messages.ts';

/** The part of an invocation that a queue's handler uses; the invocation context of Azure Functions is one. */
export interface QueueInvocation {
  readonly triggerMetadata?: Readonly<Record<string, unknown>> | undefined;
  readonly traceContext?: TraceContext | undefined;
  info(...parts: readonly unknown[]): void;
  error(...parts: readonly unknown[]): void;
}

/** Reads a message, or throws an error that lists everything wrong with it. */
interface MessageParser<T> {
  parse(message: unknown): T;
}

/** What each attempt receives in addition to the message. */
export interface Try {
  readonly lastTry: boolean;
  /** Aborts at the time limit of the attempt. */
  readonly abortSignal: AbortSignal;
  readonly context: QueueInvocation;
}

/** Dependencies of a handler. */
interface Wired<A> {
  readonly app: () => Promise<A>;
  readonly parking: () => Promise<ParkMessage>;
}

type Handler = (message: unknown, context: QueueInvocation) => Promise<void>;

/** The handler of a work queue in this process, with a time limit per attempt in milliseconds. */
export function takesMessages<T>(
  queue: (typeof WORK_QUEUES)[number],
  parser: MessageParser<T>,
  limitMs: number,
  work: (app: App, message: T, tried: Try) => Promise<string>,
): Handler {
  return handlerOf({ app: getApp, parking: getParking }, queue, parser, limitMs, work);
}

/**
 * The handler of a work queue. An invalid message is parked immediately with its problems; a message
 * whose work failed is retried by the queue, and parked with the reason when the last attempt failed too.
 */
export function handlerOf<A, T>(
  { app, parking }: Wired<A>,
  queue: (typeof WORK_QUEUES)[number],
  parser: MessageParser<T>,
  limitMs: number,
  work: (app: A, message: T, tried: Try) => Promise<string>,
): Handler {
  return async (raw, context) => {
    const lastTry = isLastTry(context);
    try {
      const [wired, message] = [await app(), parser.parse(messageContent(raw))];
      context.info(await withTimeLimit(limitMs, undefined, (abortSignal) => work(wired, message, { lastTry, abortSignal, context })));
    } catch (error) {
      const notOurs = error instanceof z.ZodError;
      if (!notOurs && !lastTry) throw error;
      const parked = await parkMessage(await parking(), failedMessage(queue, raw, context), reasonOf(error));
      context.error(parkedLine(parked), error);
    }
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError) {
    const problems = error.issues.map(({ path, message }) => `${path.join('.') || 'message'}: ${message}`);
    return `Not a message of this queue: ${problems.join('; ')}`;
  }
  return `Every attempt failed; the last with: ${error instanceof Error ? error.message : String(error)}`;
}
