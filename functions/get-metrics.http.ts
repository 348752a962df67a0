import { app } from '@azure/functions';
import { answer } from '../shared/compose/functions/api.ts';

/** Gives the numbers in Prometheus text format. */
export const handler = answer('get-metrics');

app.http('get-metrics', { methods: ['GET', 'HEAD'], route: 'metrics', authLevel: 'function', handler });
