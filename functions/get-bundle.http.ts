import { app } from '@azure/functions';
import { answer } from '../shared/compose/functions/api.ts';

/** Gives the evidence as a bundle, signed with the app's key. */
export const handler = answer('get-bundle');

app.http('get-bundle', { methods: ['GET', 'HEAD'], route: 'exports/bundle', authLevel: 'function', handler });
