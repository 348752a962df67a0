import { app, type InvocationContext, type Timer } from '@azure/functions';
import { getApp } from '../shared/compose/container/cloud.ts';
import { observedPlan } from '../shared/compose/container/observed.ts';
import { plannedLine } from '../shared/usecases/audit-lines.ts';
import { endOverdueAudits } from '../shared/usecases/end-audit.ts';

/** Starts an audit of the whole estate, then ends earlier ones at their time limit, whose failure therefore never prevents a start. */
export async function handler(_timer: Timer, context: InvocationContext): Promise<void> {
  const wired = await getApp();
  const audit = await observedPlan(wired, 'timer', AbortSignal.timeout(240_000), undefined, context.traceContext);
  const planned = plannedLine(audit);
  context[planned.level](planned.text);
  for (const { level, text } of await endOverdueAudits(wired)) context[level](text);
}

app.timer('plan-audit', { schedule: '%KATAUDIT_SCHEDULE%', handler });
