import { app, type InvocationContext, type Timer } from '@azure/functions';
import { getApp } from '../shared/compose/container/cloud.ts';
import { planPublications } from '../shared/usecases/publish/publish.ts';

/** Queues the publication of the newest audit, after its bundle was sealed; does nothing when no service is on. */
export async function handler(_: Timer, context: InvocationContext): Promise<void> {
  for (const line of await planPublications(await getApp())) context.info(line);
}

app.timer('plan-publications', { schedule: '30 */5 * * * *', handler });
