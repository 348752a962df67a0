import { app } from '@azure/functions';
import { NotificationMessage } from '../shared/compose/functions/queue-messages.ts';
import { takesMessages } from '../shared/compose/functions/take-message.ts';
import { deliverDigest, routeNotification } from '../shared/usecases/deliver-notification.ts';

/** Notifies targets of the changes of scans. An error causes a retry; after the last attempt the message is parked, and can be replayed. */
export const handler = takesMessages('notifications', NotificationMessage, 120_000, async (wired, message, { abortSignal }) => {
  if ('target' in message) {
    const told = await deliverDigest(wired, message, abortSignal);
    return `${message.target}: told of ${told} changes`;
  }
  const targets = await routeNotification(wired, message);
  return `${message.clusterId}: ${targets.length} targets get a digest with the changes of ${message.cause}`;
});

app.storageQueue('deliver-notification', { queueName: 'notifications', connection: 'AzureWebJobsStorage', handler });
