import { app } from '@azure/functions';
import { answer } from '../shared/compose/functions/api.ts';

/** Lists the rules as the policy in force applies them. */
export const handler = answer('list-rules');

app.http('list-rules', { methods: ['GET', 'HEAD'], route: 'rules', authLevel: 'function', handler });
