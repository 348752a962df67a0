import { app, type InvocationContext, type Timer } from '@azure/functions';
import { getApp } from '../shared/compose/container/cloud.ts';
import { observedPlan } from '../shared/compose/container/observed.ts';

/** Starts an audit of the whole estate. */
export async function handler(_timer: Timer, context: InvocationContext): Promise<void> {
  const audit = await observedPlan(await getApp(), 'timer', AbortSignal.timeout(240_000), undefined, context.traceContext);
  context.info(`Audit ${audit.id} planned over ${audit.subscriptions.length} subscriptions`);
}

app.timer('plan-audit', { schedule: '%KATAUDIT_SCHEDULE%', handler });
