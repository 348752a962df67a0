import { createHash, createPublicKey } from 'node:crypto';
import type { TokenCredential } from '@azure/identity';
import { z } from 'zod';
import { isSignedBy, oneForm, type Signature } from '../domain/evidence/signature.ts';
import { Fault } from '../domain/snapshot/fault.ts';
import type { Signer } from '../ports/signer.ts';
import { parseBody } from './client/body.ts';
import { type CallWords, faultOfAnswer, faultOfError } from './client/fault.ts';

/** The hosts of Azure's vaults; a token is sent to no other host. */
const VAULT = /^[a-z0-9-]{3,24}\.(?:vault|managedhsm)\.(?:azure\.net|azure\.cn|usgovcloudapi\.net)$/;
const KEY_PATH = /^\/keys\/[A-Za-z0-9-]{1,127}(?:\/[0-9a-f]{32})?$/;
const API_VERSION = '7.4';

const coordinate = z.string().regex(/^[\w-]{43}$/);
const keyAnswer = z.object({
  key: z.object({ kid: z.url(), kty: z.enum(['EC', 'EC-HSM']), crv: z.literal('P-256'), x: coordinate, y: coordinate }),
});
const signAnswer = z.object({ value: z.string() });

/** Dependencies for signing with Azure Key Vault. */
export interface KeyVaultOptions {
  readonly credential: TokenCredential;
  /** `https://NAME.vault.azure.net/keys/KEY`, with or without a version; a P-256 key that allows signing. */
  readonly keyId: string;
  readonly send?: (request: Request) => Promise<Response>;
}

/** Returns a signer with a key in Azure Key Vault; the key never leaves the vault. */
export function keyVaultSigner({ credential, keyId, send = fetch }: KeyVaultOptions): Signer {
  const key = readKeyId(keyId);
  const [, ...cloud] = key.hostname.split('.');
  const scope = `https://${cloud.join('.')}/.default`;
  const call = async <T>(url: URL, body: object | undefined, form: z.ZodType<T>, words: CallWords, abortSignal: AbortSignal) => {
    try {
      const token = await credential.getToken(scope, { abortSignal });
      if (token === null) throw new Fault('unauthenticated', `Cannot ${words.what}: no token for Azure is available.`);
      const headers = { authorization: `Bearer ${token.token}`, 'content-type': 'application/json' };
      const how = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
      const answer = await send(new Request(url, { ...how, headers, redirect: 'error', signal: abortSignal }));
      const text = await answer.text();
      if (answer.status !== 200) throw faultOfAnswer({ status: answer.status, body: text }, words);
      return parseBody(form, text, words.what);
    } catch (error) {
      throw unreachable(faultOfError(error, words, abortSignal), words);
    }
  };
  return {
    sign: async (bytes, abortSignal): Promise<Signature> => {
      const reading = { what: `read the key ${key.pathname}`, action: 'Microsoft.KeyVault/vaults/keys/read' };
      const { key: held } = await call(address(key), undefined, keyAnswer, reading, abortSignal);
      const publicKey = pemOf(held);
      const signing = { what: `sign with the key ${key.pathname}`, action: 'Microsoft.KeyVault/vaults/keys/sign/action' };
      const digest = createHash('sha256').update(bytes).digest('base64url');
      const asked = { alg: 'ES256', value: digest };
      const { value } = await call(address(versionOf(held.kid, key), '/sign'), asked, signAnswer, signing, abortSignal);
      const signature = oneForm({ algorithm: 'ES256', publicKey, value });
      if (!isSignedBy(bytes, signature)) throw new Fault('malformed', `Cannot ${signing.what}: the signature does not match the key.`);
      return signature;
    },
  };
}

function readKeyId(text: string): URL {
  const url = URL.parse(text);
  if (
    url !== null &&
    url.protocol === 'https:' &&
    url.port === '' &&
    url.search === '' &&
    VAULT.test(url.hostname) &&
    KEY_PATH.test(url.pathname)
  ) {
    return url;
  }
  throw new Fault('unsupported', `${JSON.stringify(text)} is not a key in a vault, such as https://NAME.vault.azure.net/keys/KEY.`);
}

/** Signs with the version that was read, even if the key is rotated in between. */
function versionOf(kid: string, key: URL): URL {
  const version = readKeyId(kid);
  if (version.origin === key.origin && `${version.pathname}/`.startsWith(`${key.pathname}/`)) return version;
  throw new Fault('malformed', `Cannot sign with the key ${key.pathname}: the vault answered with another key.`);
}

function address(key: URL, operation = ''): URL {
  return new URL(`${key.origin}${key.pathname}${operation}?api-version=${API_VERSION}`);
}

function pemOf({ x, y }: z.output<typeof keyAnswer>['key']): string {
  const key = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

/** `fetch` wraps a network error in its own error. */
function unreachable(error: unknown, { what }: CallWords): unknown {
  if (!(error instanceof TypeError) || error.message !== 'fetch failed') return error;
  return new Fault('unreachable', `Cannot ${what}: the vault cannot be reached.`, { cause: error });
}
