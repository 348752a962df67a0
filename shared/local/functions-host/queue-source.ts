import type { QueueClient } from '@azure/storage-queue';
import type { RegisteredFunction } from './core-module.ts';
import type { QueueOptions } from './host-json.ts';
import type { FunctionLog } from './invoke.ts';

/** One queue and the function that it wakes. */
export interface QueueSource {
  readonly called: RegisteredFunction;
  readonly queue: QueueClient;
  /** Where a message goes that fails for good; a poison queue has none itself. */
  readonly poison: QueueClient | undefined;
  readonly options: QueueOptions;
  /** How long a message is hidden from others while its function runs; hidden again before the time is up. */
  readonly leaseSeconds: number;
  /** The longest pause between two polls of a queue that stays empty, in milliseconds. */
  readonly longestPoll: number;
  readonly log: FunctionLog;
}
