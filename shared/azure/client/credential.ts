import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/identity';
import { DAY_MS } from '../../domain/snapshot/day.ts';
import { given } from '../../domain/snapshot/given.ts';
import type { Clock } from '../../ports/clock.ts';
import { beforeAbort } from './abort.ts';

/** A token is renewed this long before it expires. */
const RENEW_BEFORE_MS = 5 * 60_000;

/**
 * Returns the credential that the app uses: the managed identity where Azure provides one (`clientId` selects a user-assigned one), else
 * the developer's own sign-in.
 */
export async function azureCredential(clientId?: string, environment: NodeJS.ProcessEnv = process.env): Promise<TokenCredential> {
  const { DefaultAzureCredential, ManagedIdentityCredential } = await import('@azure/identity');
  if (environment.IDENTITY_ENDPOINT === undefined && environment.MSI_ENDPOINT === undefined) {
    return new DefaultAzureCredential(clientId === undefined ? {} : { managedIdentityClientId: clientId });
  }
  return clientId === undefined ? new ManagedIdentityCredential() : new ManagedIdentityCredential({ clientId });
}

/** A credential that returns one given token for every audience; it cannot be renewed. */
export function staticToken(token: string): TokenCredential {
  return { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + DAY_MS }) };
}

/** A credential that caches its token while it is valid. */
export interface RememberedCredential extends TokenCredential {
  /** Drops the token of an audience that refused it, so that the next caller gets a new one. */
  forget(scope: string): void;
}

const memories = new WeakMap<TokenCredential, RememberedCredential>();

/** Adds a cache to a credential: concurrent and later callers for one audience share one request. */
export function remembered(credential: TokenCredential, clock: Clock): RememberedCredential {
  const held = memories.get(credential);
  if (held !== undefined) return held;
  const memory = withMemory(credential, clock);
  memories.set(credential, memory);
  memories.set(memory, memory);
  return memory;
}

function withMemory(credential: TokenCredential, clock: Clock): RememberedCredential {
  const tokens = new Map<string, AccessToken>();
  const asking = new Map<string, Promise<AccessToken | null>>();
  return {
    async getToken(scopes: string | string[], options?: GetTokenOptions) {
      // A claims challenge requires a token newer than the cached one.
      if (options?.claims !== undefined) return credential.getToken(scopes, options);
      const key = keyOf(scopes, options);
      const held = tokens.get(key);
      if (held !== undefined && held.expiresOnTimestamp - RENEW_BEFORE_MS > clock().getTime()) return held;
      // Several callers wait for the request, so no single caller's signal ends it.
      const request =
        asking.get(key) ?? credential.getToken(scopes, given({ tenantId: options?.tenantId })).finally(() => asking.delete(key));
      asking.set(key, request);
      const token = await beforeAbort(request, options?.abortSignal);
      if (token !== null) tokens.set(key, token);
      return token;
    },
    forget: (scope) => {
      tokens.delete(keyOf(scope));
    },
  };
}

function keyOf(scopes: string | string[], options?: GetTokenOptions): string {
  return `${options?.tenantId ?? ''} ${[scopes].flat().join(' ')}`;
}
