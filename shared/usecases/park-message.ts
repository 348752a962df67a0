import { createHash } from 'node:crypto';
import { Fault } from '../domain/snapshot/fault.ts';
import { given } from '../domain/snapshot/given.ts';
import type { Clock } from '../ports/clock.ts';
import type { Messages } from '../ports/messages.ts';
import type { ParkedMessage, ParkedStore, Settlement } from '../ports/parked-store.ts';

/** What parking needs of the world. */
export interface ParkMessage {
  readonly parked: ParkedStore;
  readonly clock: Clock;
}

/** A message that failed for good, as its poison queue hands it over. */
export interface FailedMessage {
  readonly queue: string;
  readonly id: string;
  readonly body: string;
  readonly dequeueCount: number;
}

/** Keeps a message that failed for good where a person can see it. Safe to run twice. */
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

/** The line to log about a message that was parked; the deployment's alert looks for its first words. */
export function parkedLine({ id, queue }: Pick<ParkedMessage, 'id' | 'queue'>): string {
  return `Message parked: ${id} of the queue ${queue}`;
}

/** What settling a parked message needs of the world. */
export interface SettleParked {
  readonly parked: Pick<ParkedStore, 'get' | 'settle'>;
  readonly messages: Pick<Messages, 'raw'>;
  readonly clock: Clock;
}

/**
 * Sends a parked message again and records who did; a crash in between leaves it waiting, and a second
 * replay is harmless.
 */
export async function replayMessage({ parked, messages, clock }: SettleParked, id: string, by?: string): Promise<ParkedMessage> {
  const message = await parked.get(id);
  if (message === undefined) throw new Fault('not-found', `There is no parked message ${id}.`);
  await messages.raw(message.queue, message.body);
  const settled: Settlement = { how: 'replayed', at: clock().toISOString(), ...given({ by }) };
  await parked.settle(id, settled);
  return { ...message, settled };
}

/** Gives a parked message up and records who did; harmless when it does not wait any more. */
export async function dropMessage({ parked, clock }: Omit<SettleParked, 'messages'>, id: string, by?: string): Promise<void> {
  await parked.settle(id, { how: 'dropped', at: clock().toISOString(), ...given({ by }) });
}
