import type { QueueClient } from '@azure/storage-queue';
import type { RegisteredFunction } from './core-module.ts';
import type { QueueOptions } from './host-json.ts';
import type { FunctionLog } from './invoke.ts';

/** One queue and the function that it triggers. */
export interface QueueSource {
  readonly called: RegisteredFunction;
  readonly queue: QueueClient;
  /** The poison queue for messages that fail permanently; a poison queue has none. */
  readonly poison: QueueClient | undefined;
  readonly options: QueueOptions;
  /** How long a message is hidden from others while its function runs; renewed before the time has passed. */
  readonly leaseSeconds: number;
  /** The longest pause between two polls of a queue that stays empty, in milliseconds. */
  readonly longestPoll: number;
  readonly log: FunctionLog;
}
