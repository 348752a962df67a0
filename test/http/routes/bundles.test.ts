import { describe, expect, it } from 'vitest';
import { verifyBundle } from '../../../shared/exports/verify-bundle.ts';
import { memoryBundles } from '../../../shared/memory/bundles.ts';
import { from } from '../../exports/samples.ts';
import { anEd25519Signer } from '../../exports/sealing.ts';
import { KEYS_ALONE, READER_KEY } from '../../support/access.ts';
import { ask, wrongFields } from '../client.ts';
import { aFinding, anEstate } from '../estate.ts';

const signer = anEd25519Signer();
const anApp = () => anEstate({ findings: [aFinding()] }, { signer, bundles: memoryBundles() });
const reader = { headers: { 'x-functions-key': READER_KEY }, rules: KEYS_ALONE };

describe('the chain of bundles', () => {
  it('can be sealed by operators, and read by readers', async () => {
    const app = anApp();
    expect((await ask(app, '/exports/bundle', { ...reader, method: 'POST' })).status).toBe(403);
    expect((await ask(app, '/exports/bundle', reader)).status).toBe(404);
    expect(await ask(app, '/exports/bundle', { method: 'POST' })).toMatchObject({
      status: 201,
      json: { sequence: 1 },
      headers: { location: '/api/exports/bundle?number=1' },
    });
    const { status, text } = await ask(app, '/exports/bundle', reader);
    expect(status).toBe(200);
    expect(await verifyBundle(() => from([Buffer.from(text)]))).toMatchObject({ state: 'intact', sequence: 1, previous: undefined });
  });

  it('always returns each bundle as it was sealed', async () => {
    const app = anApp();
    await ask(app, '/exports/bundle', { method: 'POST' });
    const first = await ask(app, '/exports/bundle');
    await ask(app, '/exports/bundle', { method: 'POST' });
    expect((await ask(app, '/exports/bundle?number=1')).text).toBe(first.text);
    expect((await ask(app, '/exports/bundle')).headers['content-disposition']).toContain('kataudit-bundle-2.json');
    expect((await ask(app, '/exports/bundle?number=3')).status).toBe(404);
  });

  it('does not let a caller choose a position in it', async () => {
    const app = anApp();
    const query = `previous=${'a'.repeat(64)}&sequence=899`;
    for (const method of ['GET', 'POST']) {
      const answer = await ask(app, `/exports/bundle?${query}`, { method });
      expect(answer.status).toBe(400);
      expect(wrongFields(answer)).toEqual(['previous', 'sequence']);
    }
    expect(await app.bundles?.head()).toBeUndefined();
  });

  it('does not exist without a signing key', async () => {
    expect((await ask(anEstate({}, { signer }), '/exports/bundle', { method: 'POST' })).status).toBe(404);
    expect((await ask(anEstate({}, { signer }), '/exports/bundle')).status).toBe(404);
    const answer = await ask(anEstate({}, { bundles: memoryBundles() }), '/exports/bundle', { method: 'POST' });
    expect(answer).toMatchObject({ status: 404, json: { detail: expect.stringContaining('KATAUDIT_SIGNING_KEY') } });
  });
});
