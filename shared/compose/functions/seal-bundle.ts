import { sealNext } from '../../exports/seal-next.ts';
import type { ApiDependencies } from '../../http/framework/api.ts';
import { sealingOf } from '../../http/routes/bundle-route.ts';

/** Audits that are looked at for the newest complete one: a whole day of audits that never end is what another alert is for. */
const AUDITS = 20;

/**
 * Seals a bundle after the newest complete audit, unless that was done, and says in one line what was done. It asks
 * for nothing where no key signs. Safe to run twice and at any time.
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
