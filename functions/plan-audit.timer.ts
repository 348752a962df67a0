import { app, type InvocationContext, type Timer } from '@azure/functions';
import { getApp } from '../shared/compose/container/cloud.ts';
import { observedPlan } from '../shared/compose/container/observed.ts';
import { endOverdueAudits } from '../shared/usecases/end-audit.ts';

/** Starts an audit of the whole estate, after it has ended earlier ones whose time is up. */
export async function handler(_timer: Timer, context: InvocationContext): Promise<void> {
  const wired = await getApp();
  await endOverdueAudits(wired);
  const audit = await observedPlan(wired, 'timer', AbortSignal.timeout(240_000), undefined, context.traceContext);
  context.info(`Audit ${audit.id} planned over ${audit.subscriptions.length} subscriptions`);
}

app.timer('plan-audit', { schedule: '%KATAUDIT_SCHEDULE%', handler });
