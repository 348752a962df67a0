import { app } from '@azure/functions';
import { answer } from '../shared/compose/functions/api.ts';

/** Gives findings as one document, streamed. */
export const handler = answer('get-export');

app.http('get-export', { methods: ['GET', 'HEAD'], route: 'exports/{format}', authLevel: 'function', handler });
