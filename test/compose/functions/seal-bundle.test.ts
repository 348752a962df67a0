import { describe, expect, it } from 'vitest';
import { sealAfterAudit } from '../../../shared/compose/functions/seal-bundle.ts';
import { figuresOf } from '../../../shared/domain/findings/estate-figures.ts';
import { DEFAULT_POLICY } from '../../../shared/domain/policy/policy.ts';
import { memoryBundles } from '../../../shared/memory/bundles.ts';
import type { ListedAudit } from '../../../shared/ports/audit-store.ts';
import { anEd25519Signer } from '../../exports/sealing.ts';
import { aFinding, anEstate } from '../../http/estate.ts';

const signer = anEd25519Signer();
const audit = (id: string) => ({ id, startedAt: '2026-11-23T06:00:00.000Z', cause: 'timer' as const, subscriptions: [] });
const ended = (id: string, state: 'complete' | 'incomplete'): ListedAudit => ({
  ...audit(id),
  end: {
    state,
    endedAt: '2026-11-23T06:01:00.000Z',
    planned: 1,
    scanned: 1,
    notAssessed: 0,
    notListed: 0,
    changed: 0,
    figures: figuresOf([], DEFAULT_POLICY, new Date('2026-11-23T06:01:00.000Z')),
  },
});

/** An app with a signing key, whose audits a test lists newest first. */
function anApp(audits: ListedAudit[], signs = true) {
  const base = anEstate({ findings: [aFinding()] });
  const bundles = memoryBundles();
  const list = async () => ({ value: audits });
  return { audits, bundles, app: anEstate({}, { audits: { ...base.audits, list }, bundles, ...(signs ? { signer } : {}) }) };
}

describe('sealing after an audit', () => {
  it('seals each complete audit once', async () => {
    const { audits, bundles, app } = anApp([ended('a1', 'complete')]);
    expect(await sealAfterAudit(app)).toMatch(/^Bundle 1 \([0-9a-f]{64}\) sealed after audit a1\.$/);
    expect(await sealAfterAudit(app)).toContain('a1, is sealed already');
    audits.unshift(ended('a2', 'complete'));
    expect(await sealAfterAudit(app)).toContain('Bundle 2');
    expect((await bundles.head())?.head).toMatchObject({ sequence: 2, auditId: 'a2' });
  });

  it('seals nothing for an audit that is running or incomplete, and uses the newest complete one', async () => {
    const { audits, bundles, app } = anApp([audit('a3'), ended('a2', 'incomplete')]);
    expect(await sealAfterAudit(app)).toContain('no audit is complete yet');
    expect(await bundles.head()).toBeUndefined();
    audits.push(ended('a1', 'complete'));
    expect(await sealAfterAudit(app)).toContain('sealed after audit a1');
  });

  it('reads nothing when there is no signing key', async () => {
    const { bundles, app } = anApp([ended('a1', 'complete')], false);
    expect(await sealAfterAudit(app)).toContain('KATAUDIT_SIGNING_KEY');
    expect(await bundles.head()).toBeUndefined();
  });
});
