import { app } from '@azure/functions';
import { answer } from '../shared/compose/functions/api.ts';

/** Lists exemptions, those of the policy file and those given through the API. */
export const handler = answer('list-exemptions');

app.http('list-exemptions', { methods: ['GET', 'HEAD'], route: 'exemptions', authLevel: 'function', handler });
