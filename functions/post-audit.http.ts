import { app } from '@azure/functions';
import { answer } from '../shared/compose/container/api.ts';

/** Starts an audit of the whole estate. */
export const handler = answer('post-audit');

app.http('post-audit', { methods: ['POST'], route: 'audits', authLevel: 'function', handler });
