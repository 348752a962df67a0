import { app, type InvocationContext } from '@azure/functions';
import { getApp } from '../shared/compose/cloud.ts';
import { failedMessage } from '../shared/compose/last-try.ts';
import { WORK_QUEUES } from '../shared/compose/queue-messages.ts';
import { parkMessage } from '../shared/usecases/park-message.ts';

const REASON = 'Five tries failed; the log of the function that reads this queue says why.';

for (const queue of WORK_QUEUES) {
  app.storageQueue(queue === 'scans' ? 'park-poison' : `park-poison-${queue}`, {
    queueName: `${queue}-poison`,
    connection: 'AzureWebJobsStorage',
    handler: async (message: unknown, context: InvocationContext) => {
      const { id } = await parkMessage(await getApp(), failedMessage(queue, message, context), REASON);
      context.warn(`Parked message ${id} of the queue ${queue}`);
    },
  });
}
