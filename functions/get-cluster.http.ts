import { app } from '@azure/functions';
import { answer } from '../shared/compose/functions/api.ts';

/** Gives one cluster's summary. */
export const handler = answer('get-cluster');

app.http('get-cluster', {
  methods: ['GET', 'HEAD'],
  route: 'clusters/{subscription}/{resourceGroup}/{name}',
  authLevel: 'function',
  handler,
});
