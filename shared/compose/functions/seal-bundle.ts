import { sealNext } from '../../exports/seal-next.ts';
import type { ApiDependencies } from '../../http/framework/api.ts';
import { sealingOf } from '../../http/routes/bundle-route.ts';

/** Number of audits that are searched for the newest complete one; another alert covers audits that never end. */
const AUDITS = 20;

/**
 * Seals a bundle after the newest complete audit unless one exists, and returns one line about it. It sends
 * no request without a signing key. Safe to run twice and at any time.
 */
export async function sealAfterAudit(app: ApiDependencies): Promise<string> {
  const sealing = sealingOf(app);
  if (sealing === undefined) return 'No bundle is sealed: no key signs (KATAUDIT_SIGNING_KEY).';
  const [{ value }, held] = await Promise.all([app.audits.list(AUDITS), sealing.bundles.head()]);
  const newest = value.find(({ end }) => end?.state === 'complete');
  if (newest === undefined) return 'No bundle is sealed: no audit is complete yet.';
  if (held?.head.auditId === newest.id) return `The newest complete audit, ${newest.id}, is sealed already.`;
  const { sequence, sha256 } = await sealNext(sealing, newest.id);
  return `Bundle ${sequence} (${sha256}) sealed after audit ${newest.id}.`;
}
