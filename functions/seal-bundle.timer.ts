import { app, type InvocationContext, type Timer } from '@azure/functions';
import { getApp } from '../shared/compose/container/cloud.ts';
import { apiOf } from '../shared/compose/functions/api.ts';
import { sealAfterAudit } from '../shared/compose/functions/seal-bundle.ts';

/** Seals a bundle of evidence after each complete audit, when there is a signing key. */
export async function handler(_: Timer, context: InvocationContext): Promise<void> {
  context.info(await sealAfterAudit(apiOf(await getApp())));
}

app.timer('seal-bundle', { schedule: '0 */5 * * * *', handler });
