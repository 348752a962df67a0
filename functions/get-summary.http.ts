import { app } from '@azure/functions';
import { answer } from '../shared/compose/functions/api.ts';

/** Gives the whole estate in one answer. */
export const handler = answer('get-summary');

app.http('get-summary', { methods: ['GET', 'HEAD'], route: 'summary', authLevel: 'function', handler });
