import { app } from '@azure/functions';
import { PublicationMessage } from '../shared/compose/functions/queue-messages.ts';
import { takesMessages } from '../shared/compose/functions/take-message.ts';
import { publish } from '../shared/usecases/publish/publish.ts';

/** Tells a service of one subscription or cluster. A throw is a retry; what fails at the last try is told by health, and tried again after the next audit. */
export const handler = takesMessages('publications', PublicationMessage, 240_000, (wired, message, { lastTry, abortSignal }) =>
  publish(wired, message, lastTry, abortSignal),
);

app.storageQueue('publish-findings', { queueName: 'publications', connection: 'AzureWebJobsStorage', handler });
