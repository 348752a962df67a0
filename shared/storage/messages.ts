import type { QueueServiceClient } from '@azure/storage-queue';
import { Fault } from '../domain/snapshot/fault.ts';
import type { Messages } from '../ports/messages.ts';
import type { Within } from '../ports/time-limit.ts';
import { attempt } from './fault.ts';
import { QUEUES } from './names.ts';

/** The maximum size of a message after base64. Source: learn.microsoft.com/azure/storage/queues/scalability-targets. */
const MAX_ENCODED = 65_536;

/** Sends messages to the work queues; messages are base64, so that any text can be queued. */
export function messageQueues(client: QueueServiceClient, prefix: string, within: Within): Messages {
  const send = async (queue: string, body: string, visibilityTimeout = 0) => {
    const encoded = Buffer.from(body, 'utf8').toString('base64');
    if (encoded.length > MAX_ENCODED) {
      throw new Fault(
        'too-large',
        `Cannot queue a message to ${queue}: it has ${encoded.length} bytes, and the maximum is ${MAX_ENCODED}.`,
      );
    }
    await attempt(`queue a message to ${queue}`, () =>
      within((abortSignal) => client.getQueueClient(`${prefix}${queue}`).sendMessage(encoded, { visibilityTimeout, abortSignal })),
    );
  };
  return {
    inventory: (message) => send(QUEUES.inventories, JSON.stringify(message)),
    scan: (message, delaySeconds) => send(QUEUES.scans, JSON.stringify(message), delaySeconds),
    notification: (message) => send(QUEUES.notifications, JSON.stringify(message)),
    digest: (message, delaySeconds) => send(QUEUES.notifications, JSON.stringify(message), delaySeconds),
    publication: (message) => send(QUEUES.publications, JSON.stringify(message)),
    raw: async (queue, body) => {
      if (!Object.values<string>(QUEUES).includes(queue)) throw new Fault('malformed', `There is no work queue ${JSON.stringify(queue)}.`);
      await send(queue, body);
    },
  };
}
