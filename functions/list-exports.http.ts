import { app } from '@azure/functions';
import { answer } from '../shared/compose/functions/api.ts';

/** Lists the document formats. */
export const handler = answer('list-exports');

app.http('list-exports', { methods: ['GET', 'HEAD'], route: 'exports', authLevel: 'function', handler });
