import { app } from '@azure/functions';
import { answer } from '../shared/compose/functions/api.ts';

/** Lists audits, newest first. */
export const handler = answer('list-audits');

app.http('list-audits', { methods: ['GET', 'HEAD'], route: 'audits', authLevel: 'function', handler });
