import { app } from '@azure/functions';
import { NotificationMessage } from '../shared/compose/functions/queue-messages.ts';
import { takesMessages } from '../shared/compose/functions/take-message.ts';
import { deliverNotification } from '../shared/usecases/deliver-notification.ts';

/** Tells what a scan changed. A throw is a retry; after the last try the message is parked, and can be replayed. */
export const handler = takesMessages('notifications', NotificationMessage, async (wired, message) => {
  const told = await deliverNotification(wired, message, AbortSignal.timeout(120_000));
  return `${message.clusterId}: told of ${told} changes by ${message.cause}`;
});

app.storageQueue('deliver-notification', { queueName: 'notifications', connection: 'AzureWebJobsStorage', handler });
