import { app, type InvocationContext } from '@azure/functions';
import { getApp } from '../shared/compose/cloud.ts';
import { isLastTry } from '../shared/compose/last-try.ts';
import { InventoryMessage } from '../shared/compose/queue-messages.ts';
import { inventorySubscription } from '../shared/usecases/inventory-subscription.ts';

/** Lists one subscription and queues its scans. A throw here is a retry, and after five the poison queue. */
export async function handler(message: unknown, context: InvocationContext): Promise<void> {
  const parsed = InventoryMessage.parse(message);
  const { outcome } = await inventorySubscription(await getApp(), parsed, isLastTry(context), AbortSignal.timeout(300_000));
  context.info(`${parsed.subscriptionId}: ${outcome.state === 'listed' ? `${outcome.clusters} clusters` : outcome.reason.message}`);
}

app.storageQueue('inventory-subscription', { queueName: 'inventories', connection: 'AzureWebJobsStorage', handler });
