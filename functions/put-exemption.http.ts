import { app } from '@azure/functions';
import { answer } from '../shared/compose/functions/api.ts';

/** Gives an exemption, or replaces one. */
export const handler = answer('put-exemption');

app.http('put-exemption', { methods: ['PUT'], route: 'exemptions/{id}', authLevel: 'function', handler });
