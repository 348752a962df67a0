import { app } from '@azure/functions';
import { answer } from '../shared/compose/functions/api.ts';

/** Says what works and what does not. */
export const handler = answer('get-health-detail');

app.http('get-health-detail', { methods: ['GET', 'HEAD'], route: 'health/detail', authLevel: 'function', handler });
