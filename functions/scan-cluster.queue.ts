import { app } from '@azure/functions';
import { ScanMessage } from '../shared/compose/queue-messages.ts';
import { takesMessages } from '../shared/compose/take-message.ts';
import { alarms } from '../shared/usecases/alarms.ts';
import { scanCluster } from '../shared/usecases/scan-cluster.ts';

/** Scans one cluster. A throw is a retry; after the last try the message is parked. */
export const handler = takesMessages('scans', ScanMessage, async (wired, message, lastTry, context) => {
  const { assessment, changes } = await scanCluster(wired, message, lastTry, AbortSignal.timeout(480_000));
  for (const line of alarms(changes)) context.error(line);
  return `${message.clusterId}: ${assessment}, ${changes.filter(({ kind }) => kind !== 'seen').length} findings changed`;
});

app.storageQueue('scan-cluster', { queueName: 'scans', connection: 'AzureWebJobsStorage', handler });
