import { app } from '@azure/functions';
import { answer } from '../shared/compose/functions/api.ts';

/** Starts an audit of the whole estate. */
export const handler = answer('post-audit');

app.http('post-audit', { methods: ['POST'], route: 'audits', authLevel: 'function', handler });
