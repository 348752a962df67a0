import { app } from '@azure/functions';
import { answer } from '../shared/compose/functions/api.ts';

/** Lists messages that failed for good. */
export const handler = answer('list-parked');

app.http('list-parked', { methods: ['GET', 'HEAD'], route: 'parked', authLevel: 'function', handler });
