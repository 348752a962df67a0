import { app } from '@azure/functions';
import { answer } from '../shared/compose/functions/api.ts';

/** Gives one audit with all that became of it. */
export const handler = answer('get-audit');

app.http('get-audit', { methods: ['GET', 'HEAD'], route: 'audits/{id}', authLevel: 'function', handler });
