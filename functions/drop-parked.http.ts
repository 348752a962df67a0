import { app } from '@azure/functions';
import { answer } from '../shared/compose/functions/api.ts';

/** Drops a parked message for good; twice is harmless. */
export const handler = answer('drop-parked');

app.http('drop-parked', { methods: ['DELETE'], route: 'parked/{id}', authLevel: 'function', handler });
