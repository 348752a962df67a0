import { app, type InvocationContext, type Timer } from '@azure/functions';
import { getApp } from '../shared/compose/container/cloud.ts';
import { pruneHistory } from '../shared/usecases/prune-history.ts';

/** Deletes data past its retention every night; what is left at the time limit waits for the next night. */
export async function handler(_: Timer, context: InvocationContext): Promise<void> {
  const { rows, finished } = await pruneHistory(await getApp(), AbortSignal.timeout(240_000));
  context.info(`Pruned ${rows} rows${finished ? '' : '; more are left for the next run'}.`);
}

app.timer('prune-history', { schedule: '0 17 3 * * *', handler });
