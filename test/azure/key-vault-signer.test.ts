import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { GetTokenOptions } from '@azure/identity';
import { describe, expect, it } from 'vitest';
import { keyVaultSigner } from '../../shared/azure/key-vault-signer.ts';
import { isSignedBy } from '../../shared/domain/evidence/signature.ts';

const KEY = 'https://evidence.vault.azure.net/keys/evidence';
const VERSION = 'a'.repeat(32);
const bytes = Buffer.from('evidence');
const signal = () => AbortSignal.timeout(5_000);
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const { x: X = '' } = privateKey.export({ format: 'jwk' });

/** A vault with one key that signs digests like Azure Key Vault. */
function aVault(
  key: KeyObject = privateKey,
  over: { readonly status?: number; readonly kid?: string; readonly key?: object; readonly value?: string } = {},
) {
  const asked: { url: string; authorization: string | null; body: string }[] = [];
  const scopes: unknown[] = [];
  const redirects: string[] = [];
  const send = async (request: Request): Promise<Response> => {
    const body = await request.text();
    redirects.push(request.redirect);
    asked.push({ url: request.url, authorization: request.headers.get('authorization'), body });
    const refusal = { code: over.status === 404 ? 'KeyNotFound' : 'Refused', message: 'no' };
    if (over.status !== undefined) return Response.json({ error: refusal }, { status: over.status });
    if (request.method === 'GET') {
      const { x, y } = key.export({ format: 'jwk' });
      return Response.json({
        key: { kid: over.kid ?? `${KEY}/${VERSION}`, kty: 'EC', crv: 'P-256', x, y, key_ops: ['sign', 'verify'], ...over.key },
      });
    }
    return Response.json({ kid: `${KEY}/${VERSION}`, value: over.value ?? signDigest(JSON.parse(body).value) });
  };
  const credential = {
    getToken: async (scope: string | string[]) => {
      scopes.push(scope);
      return { token: 't', expiresOnTimestamp: Date.now() + 60_000 };
    },
  };
  return { asked, scopes, redirects, send, credential };
}

/** Node signs only what it hashes itself, so the test's vault knows the text behind the one digest that it accepts. */
function signDigest(digest: string): string {
  if (digest !== createHash('sha256').update(bytes).digest('base64url')) throw new Error('The vault was given another digest.');
  return sign('sha256', bytes, { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url');
}

describe('a key in a vault', () => {
  it('signs with the version that was read, and the signature is valid', async () => {
    const { asked, scopes, ...vault } = aVault();
    const signature = await keyVaultSigner({ ...vault, keyId: KEY }).sign(bytes, signal());
    expect(signature.algorithm).toBe('ES256');
    expect(isSignedBy(bytes, signature)).toBe(true);
    expect(asked.map(({ url }) => url)).toEqual([`${KEY}?api-version=7.4`, `${KEY}/${VERSION}/sign?api-version=7.4`]);
    expect(asked.every(({ authorization }) => authorization === 'Bearer t')).toBe(true);
    expect(scopes).toEqual(['https://vault.azure.net/.default', 'https://vault.azure.net/.default']);
  });

  it.each([
    ['https://hsm.managedhsm.azure.net/keys/k', 'https://managedhsm.azure.net/.default'],
    ['https://vvv.vault.azure.cn/keys/k', 'https://vault.azure.cn/.default'],
    ['https://vvv.vault.usgovcloudapi.net/keys/k', 'https://vault.usgovcloudapi.net/.default'],
  ])('at %s requests a token for its cloud', async (keyId, scope) => {
    const { scopes, ...vault } = aVault(privateKey, { status: 404 });
    await keyVaultSigner({ ...vault, keyId })
      .sign(bytes, signal())
      .catch(() => undefined);
    expect(scopes).toEqual([scope]);
  });

  it.each([
    'http://evidence.vault.azure.net/keys/evidence',
    'https://evidence.vault.azure.net.evil.example/keys/evidence',
    'https://evil.example/keys/evidence',
    'https://evidence.vault.azure.net:444/keys/evidence',
    'https://evidence.vault.azure.net/secrets/evidence',
    'https://evidence.vault.azure.net/keys/a/../../secrets/b',
    'https://evidence.vault.azure.net/keys/evidence?x=1',
    'https://evidence.vault.azure.net/keys/',
    'https://evidence.vault.azure.net/x/keys/evidence',
    `https://evidence.vault.azure.net/keys/${'k'.repeat(128)}`,
    `https://evidence.vault.azure.net/keys/evidence/${VERSION.slice(1)}`,
    `https://evidence.vault.azure.net/keys/evidence/${VERSION}/x`,
    'https://ab.vault.azure.net/keys/evidence',
    `https://${'v'.repeat(25)}.vault.azure.net/keys/evidence`,
    'https://x.evidence.vault.azure.net/keys/evidence',
    'signing.pem',
  ])('is rejected at %s', (keyId) => {
    expect(() => keyVaultSigner({ ...aVault(), keyId })).toThrow('is not a key in a vault');
  });

  it.each([
    [401, 'unauthenticated'],
    [403, 'denied'],
    [404, 'not-found'],
    [429, 'throttled'],
    [500, 'unreachable'],
  ])('causes a fault when it answers %i: %s', async (status, code) => {
    const signing = keyVaultSigner({ ...aVault(privateKey, { status }), keyId: KEY }).sign(bytes, signal());
    await expect(signing).rejects.toMatchObject({ name: 'Fault', code });
  });

  it('never sends its token to the target of a redirect', async () => {
    const { redirects, asked: _, scopes: __, ...vault } = aVault();
    await keyVaultSigner({ ...vault, keyId: KEY }).sign(bytes, signal());
    expect(redirects).toEqual(['error', 'error']);
  });

  it('asks for a token no longer than its caller waits', async () => {
    const waits: unknown[] = [];
    const limit = signal();
    const credential = {
      getToken: async (_: string | string[], { abortSignal }: GetTokenOptions = {}) => {
        waits.push(abortSignal);
        return { token: 't', expiresOnTimestamp: Date.now() + 60_000 };
      },
    };
    await keyVaultSigner({ ...aVault(), credential, keyId: KEY }).sign(bytes, limit);
    expect(waits).toEqual([limit, limit]);
  });

  it.each([
    ['of more than 32 bytes', `${X}A`],
    ['of more than 32 bytes, by its end', `A${X}`],
    ['of fewer than 32 bytes', X.slice(1)],
    ['in another alphabet', `+${X.slice(1)}`],
  ])('is malformed with a coordinate %s', async (_, x) => {
    const signing = keyVaultSigner({ ...aVault(privateKey, { key: { x } }), keyId: KEY }).sign(bytes, signal());
    await expect(signing).rejects.toMatchObject({ name: 'Fault', code: 'malformed', message: expect.stringContaining('key.x') });
  });

  it.each(['', 'A', 'A'.repeat(86)])('is rejected when its signature is %j', async (value) => {
    const signing = keyVaultSigner({ ...aVault(privateKey, { value }), keyId: KEY }).sign(bytes, signal());
    await expect(signing).rejects.toMatchObject({ name: 'Fault', code: 'malformed', message: expect.stringContaining('does not match') });
  });

  it('signs nothing without a token, and hides no bug', async () => {
    const { asked, ...vault } = aVault();
    const signing = (over: object) => keyVaultSigner({ ...vault, keyId: KEY, ...over }).sign(bytes, signal());
    await expect(signing({ credential: { getToken: async () => null } })).rejects.toMatchObject({ code: 'unauthenticated' });
    expect(asked).toEqual([]);
    for (const bug of [new TypeError('a bug'), new RangeError('fetch failed')])
      await expect(signing({ send: () => Promise.reject(bug) })).rejects.toBe(bug);
  });

  it('causes a fault when it cannot be reached', async () => {
    const send = () => Promise.reject(new TypeError('fetch failed'));
    await expect(keyVaultSigner({ ...aVault(), send, keyId: KEY }).sign(bytes, signal())).rejects.toMatchObject({ code: 'unreachable' });
  });

  it('is rejected when it signs with a key other than the one it shows', async () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const signing = keyVaultSigner({ ...aVault(other), keyId: KEY }).sign(bytes, signal());
    await expect(signing).rejects.toMatchObject({ code: 'malformed', message: expect.stringContaining('does not match') });
  });

  it.each([`https://other.vault.azure.net/keys/evidence/${VERSION}`, `https://evidence.vault.azure.net/keys/evidence2/${VERSION}`])(
    'gets nothing to sign when it answers with the key %s',
    async (kid) => {
      const { asked, ...vault } = aVault(privateKey, { kid });
      await expect(keyVaultSigner({ ...vault, keyId: KEY }).sign(bytes, signal())).rejects.toMatchObject({ code: 'malformed' });
      expect(asked).toHaveLength(1);
    },
  );
});
