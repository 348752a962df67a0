import { app } from '@azure/functions';
import { InventoryMessage } from '../shared/compose/functions/queue-messages.ts';
import { takesMessages } from '../shared/compose/functions/take-message.ts';
import { endAudit } from '../shared/usecases/end-audit.ts';
import { inventorySubscription } from '../shared/usecases/inventory-subscription.ts';

/** Lists one subscription and queues its scans. An error causes a retry; after the last attempt the message is parked. */
export const handler = takesMessages(
  'inventories',
  InventoryMessage,
  300_000,
  async (wired, message, { lastTry, abortSignal, context }) => {
    const { outcome } = await inventorySubscription(wired, message, lastTry, abortSignal);
    for (const { level, text } of await endAudit(wired, message.auditId)) context[level](text);
    return `${message.subscriptionId}: ${outcome.state === 'listed' ? `${outcome.clusters} clusters` : outcome.reason.message}`;
  },
);

app.storageQueue('inventory-subscription', { queueName: 'inventories', connection: 'AzureWebJobsStorage', handler });
