import { app } from '@azure/functions';
import { answer } from '../shared/compose/functions/api.ts';

/** Lists what happened to a finding, newest first. */
export const handler = answer('get-finding-history');

app.http('get-finding-history', { methods: ['GET', 'HEAD'], route: 'findings/{id}/history', authLevel: 'function', handler });
