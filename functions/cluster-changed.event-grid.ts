import { app, type InvocationContext } from '@azure/functions';
import { getApp } from '../shared/compose/container/cloud.ts';
import { receiveEvent } from '../shared/usecases/receive-event.ts';

/** Receives an event about a cluster: queues its scan once the burst has settled. An error makes Event Grid deliver it again. */
export async function handler(event: unknown, context: InvocationContext): Promise<void> {
  context.info(await receiveEvent(await getApp(), event));
}

app.eventGrid('cluster-changed', { handler });
