import { app } from '@azure/functions';
import { answer } from '../shared/compose/functions/api.ts';

/** Tells which exemptions cover open findings, and which are unused, expired or invalid. */
export const handler = answer('list-exemption-uses');

app.http('list-exemption-uses', { methods: ['GET', 'HEAD'], route: 'exemption-uses', authLevel: 'function', handler });
