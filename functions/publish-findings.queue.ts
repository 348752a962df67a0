import { app } from '@azure/functions';
import { PublicationMessage } from '../shared/compose/functions/queue-messages.ts';
import { takesMessages } from '../shared/compose/functions/take-message.ts';
import { publish } from '../shared/usecases/publish/publish.ts';

/** Publishes one subscription or cluster to a service. An error causes a retry; health reports a failed last attempt, and the next audit tries again. */
export const handler = takesMessages('publications', PublicationMessage, 240_000, (wired, message, { lastTry, abortSignal }) =>
  publish(wired, message, lastTry, abortSignal),
);

app.storageQueue('publish-findings', { queueName: 'publications', connection: 'AzureWebJobsStorage', handler });
