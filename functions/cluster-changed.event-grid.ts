import { app, type InvocationContext } from '@azure/functions';
import { getApp } from '../shared/compose/container/cloud.ts';
import { receiveEvent } from '../shared/usecases/receive-event.ts';

/** An event about a cluster: queues its scan once the burst has settled. A throw asks Event Grid to deliver again. */
export async function handler(event: unknown, context: InvocationContext): Promise<void> {
  context.info(await receiveEvent(await getApp(), event));
}

app.eventGrid('cluster-changed', { handler });
