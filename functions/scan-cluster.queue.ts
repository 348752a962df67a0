import { app, type InvocationContext } from '@azure/functions';
import { getApp } from '../shared/compose/cloud.ts';
import { isLastTry } from '../shared/compose/last-try.ts';
import { ScanMessage } from '../shared/compose/queue-messages.ts';
import { alarms } from '../shared/usecases/alarms.ts';
import { scanCluster } from '../shared/usecases/scan-cluster.ts';

/** One queued scan of one cluster. A throw here is a retry, and after five the poison queue. */
export async function handler(message: unknown, context: InvocationContext): Promise<void> {
  const parsed = ScanMessage.parse(message);
  const { assessment, changes } = await scanCluster(await getApp(), parsed, isLastTry(context), AbortSignal.timeout(480_000));
  context.info(`${parsed.clusterId}: ${assessment}, ${changes.filter(({ kind }) => kind !== 'seen').length} findings changed`);
  for (const line of alarms(changes)) context.error(line);
}

app.storageQueue('scan-cluster', { queueName: 'scans', connection: 'AzureWebJobsStorage', handler });
