import { app } from '@azure/functions';
import { answer } from '../shared/compose/functions/api.ts';

/** Sends a parked message to its queue again and drops it here. */
export const handler = answer('replay-parked');

app.http('replay-parked', { methods: ['POST'], route: 'parked/{id}/replay', authLevel: 'function', handler });
