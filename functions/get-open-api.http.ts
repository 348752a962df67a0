import { app } from '@azure/functions';
import { answer } from '../shared/compose/functions/api.ts';

/** Gives the OpenAPI document of this API. */
export const handler = answer('get-open-api');

app.http('get-open-api', { methods: ['GET', 'HEAD'], route: 'openapi.json', authLevel: 'function', handler });
