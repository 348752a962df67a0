import { createHash } from 'node:crypto';
import { Fault } from '../domain/snapshot/fault.ts';
import { given } from '../domain/snapshot/given.ts';
import type { Clock } from '../ports/clock.ts';
import type { Messages } from '../ports/messages.ts';
import type { ParkedMessage, ParkedStore, Settlement } from '../ports/parked-store.ts';

/** Dependencies for parking a message. */
export interface ParkMessage {
  readonly parked: ParkedStore;
  readonly clock: Clock;
}

/** A message that failed after all tries, as its poison queue delivers it. */
export interface FailedMessage {
  readonly queue: string;
  readonly id: string;
  readonly body: string;
  readonly dequeueCount: number;
}

/** Stores a message that failed after all tries, so that an operator can see it. Safe to run twice. */
export async function parkMessage({ parked, clock }: ParkMessage, message: FailedMessage, reason: string): Promise<ParkedMessage> {
  const id = createHash('sha256').update(`${message.queue}\n${message.id}\n${message.body}`).digest('hex').slice(0, 24);
  const row: ParkedMessage = {
    id,
    queue: message.queue,
    body: message.body,
    reason,
    parkedAt: clock().toISOString(),
    dequeueCount: message.dequeueCount,
  };
  await parked.park(row);
  return row;
}

/** Returns the log line for a parked message; the deployment's alert matches its first words. */
export function parkedLine({ id, queue }: Pick<ParkedMessage, 'id' | 'queue'>): string {
  return `Message parked: ${id} of the queue ${queue}`;
}

/** Dependencies for replaying or dropping a parked message. */
export interface SettleParked {
  readonly parked: Pick<ParkedStore, 'get' | 'settle'>;
  readonly messages: Pick<Messages, 'raw'>;
  readonly clock: Clock;
}

/** Queues a parked message again and records who did it. After a crash in between, it stays parked; a second replay is harmless. */
export async function replayMessage({ parked, messages, clock }: SettleParked, id: string, by?: string): Promise<ParkedMessage> {
  const message = await parked.get(id);
  if (message === undefined) throw new Fault('not-found', `There is no parked message ${id}.`);
  await messages.raw(message.queue, message.body);
  const settled: Settlement = { how: 'replayed', at: clock().toISOString(), ...given({ by }) };
  await parked.settle(id, settled);
  return { ...message, settled };
}

/** Drops a parked message and records who did it; harmless if it is no longer parked. */
export async function dropMessage({ parked, clock }: Omit<SettleParked, 'messages'>, id: string, by?: string): Promise<void> {
  await parked.settle(id, { how: 'dropped', at: clock().toISOString(), ...given({ by }) });
}
