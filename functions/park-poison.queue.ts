import { app, type InvocationContext } from '@azure/functions';
import { getParking } from '../shared/compose/container/parking.ts';
import { failedMessage } from '../shared/compose/functions/last-try.ts';
import { WORK_QUEUES } from '../shared/compose/functions/queue-messages.ts';
import { parkedLine, parkMessage } from '../shared/usecases/park-message.ts';

/** Parks messages of the poison queues: only a process that crashed at its last attempt leaves one there; other failures are parked directly. */
const REASON =
  'Every attempt ended without a report: the process died or reached its time limit. See the log of the function that reads this queue.';

for (const queue of WORK_QUEUES) {
  app.storageQueue(queue === 'scans' ? 'park-poison' : `park-poison-${queue}`, {
    queueName: `${queue}-poison`,
    connection: 'AzureWebJobsStorage',
    handler: async (message: unknown, context: InvocationContext) => {
      context.warn(parkedLine(await parkMessage(await getParking(), failedMessage(queue, message, context), REASON)));
    },
  });
}
