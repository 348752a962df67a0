import { app } from '@azure/functions';
import { answer } from '../shared/compose/functions/api.ts';

/** Gives one finding. */
export const handler = answer('get-finding');

app.http('get-finding', { methods: ['GET', 'HEAD'], route: 'findings/{id}', authLevel: 'function', handler });
