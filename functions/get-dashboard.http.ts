import { app } from '@azure/functions';
import { answer } from '../shared/compose/functions/api.ts';

/** Shows the dashboard. */
export const handler = answer('get-dashboard');

app.http('get-dashboard', { methods: ['GET', 'HEAD'], route: 'dashboard/{*page}', authLevel: 'function', handler });
