import { app } from '@azure/functions';
import { answer } from '../shared/compose/functions/api.ts';

/** Gives one exemption. */
export const handler = answer('get-exemption');

app.http('get-exemption', { methods: ['GET', 'HEAD'], route: 'exemptions/{id}', authLevel: 'function', handler });
