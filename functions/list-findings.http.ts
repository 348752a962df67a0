import { app } from '@azure/functions';
import { answer } from '../shared/compose/functions/api.ts';

/** Lists findings. */
export const handler = answer('list-findings');

app.http('list-findings', { methods: ['GET', 'HEAD'], route: 'findings', authLevel: 'function', handler });
