import { app } from '@azure/functions';
import { observedScan } from '../shared/compose/container/observed.ts';
import { ScanMessage } from '../shared/compose/functions/queue-messages.ts';
import { takesMessages } from '../shared/compose/functions/take-message.ts';
import { criticalLines } from '../shared/usecases/critical-lines.ts';
import { endAudit } from '../shared/usecases/end-audit.ts';

/** Scans one cluster. An error causes a retry; after the last attempt the message is parked. */
export const handler = takesMessages('scans', ScanMessage, 480_000, async (wired, message, { lastTry, abortSignal, context }) => {
  const { assessment, changes } = await observedScan(wired, message, lastTry, abortSignal, context.traceContext);
  for (const line of criticalLines(changes)) context.error(line);
  const ended = message.auditId === undefined ? [] : await endAudit(wired, message.auditId);
  for (const { level, text } of ended) context[level](text);
  return `${message.clusterId}: ${assessment}, ${changes.filter(({ kind }) => kind !== 'seen').length} findings changed`;
});

app.storageQueue('scan-cluster', { queueName: 'scans', connection: 'AzureWebJobsStorage', handler });
