import { app } from '@azure/functions';
import { answer } from '../shared/compose/functions/api.ts';

/** Ends an exemption. */
export const handler = answer('delete-exemption');

app.http('delete-exemption', { methods: ['DELETE'], route: 'exemptions/{id}', authLevel: 'function', handler });
