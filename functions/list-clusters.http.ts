import { app } from '@azure/functions';
import { answer } from '../shared/compose/functions/api.ts';

/** Lists cluster summaries. */
export const handler = answer('list-clusters');

app.http('list-clusters', { methods: ['GET', 'HEAD'], route: 'clusters', authLevel: 'function', handler });
