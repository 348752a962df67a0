import { app } from '@azure/functions';
import { answer } from '../shared/compose/functions/api.ts';

/** Says that the process answers. */
export const handler = answer('get-health');

app.http('get-health', { methods: ['GET', 'HEAD'], route: 'health', authLevel: 'anonymous', handler });
