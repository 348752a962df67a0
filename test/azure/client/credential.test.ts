import { DefaultAzureCredential, ManagedIdentityCredential, type TokenCredential } from '@azure/identity';
import { describe, expect, it } from 'vitest';
import { azureCredential, remembered, staticToken } from '../../../shared/azure/client/credential.ts';
import { sleepingClock } from '../support/reach.ts';

/** A credential whose tokens are numbered and valid for an hour. */
function counting(clock: () => Date) {
  const asked: { scopes: string | string[]; claims: string | undefined; tenantId: string | undefined }[] = [];
  const credential: TokenCredential = {
    getToken: async (scopes, options) => {
      asked.push({ scopes, claims: options?.claims, tenantId: options?.tenantId });
      return { token: `token-${asked.length}`, expiresOnTimestamp: clock().getTime() + 3_600_000 };
    },
  };
  return { credential, asked };
}

describe('a cached credential', () => {
  it('requests one token for concurrent and later callers', async () => {
    const { clock } = sleepingClock();
    const { credential, asked } = counting(clock);
    const memory = remembered(credential, clock);

    await Promise.all([memory.getToken('a'), memory.getToken('a'), memory.getToken(['a'])]);

    await expect(memory.getToken('a')).resolves.toMatchObject({ token: 'token-1' });
    expect(asked).toHaveLength(1);
  });

  it('keeps the tokens of different audiences separate', async () => {
    const { clock } = sleepingClock();
    const { credential, asked } = counting(clock);
    const memory = remembered(credential, clock);

    await memory.getToken('a');
    await expect(memory.getToken('b')).resolves.toMatchObject({ token: 'token-2' });
    expect(asked.map(({ scopes }) => scopes)).toEqual(['a', 'b']);
  });

  it.each([
    ['keeps a token', 54, 'token-1'],
    ['requests another', 55, 'token-2'],
  ])('%s %i minutes into its hour', async (_, minutes, token) => {
    const { clock, advance } = sleepingClock();
    const memory = remembered(counting(clock).credential, clock);

    await memory.getToken('a');
    advance(minutes * 60_000);

    await expect(memory.getToken('a')).resolves.toMatchObject({ token });
  });

  it('requests a new token for an audience that refused its token, and for no other', async () => {
    const { clock } = sleepingClock();
    const { credential, asked } = counting(clock);
    const memory = remembered(credential, clock);
    await memory.getToken('a');
    await memory.getToken('b');

    memory.forget('a');

    await expect(memory.getToken('b')).resolves.toMatchObject({ token: 'token-2' });
    await expect(memory.getToken('a')).resolves.toMatchObject({ token: 'token-3' });
    expect(asked).toHaveLength(3);
  });

  it('requests a new token when the server asks for other claims', async () => {
    const { clock } = sleepingClock();
    const { credential, asked } = counting(clock);
    const memory = remembered(credential, clock);

    await memory.getToken('a');
    await memory.getToken('a', { claims: 'c' });

    expect(asked.map(({ claims }) => claims)).toEqual([undefined, 'c']);
  });

  it('keeps the tokens of different tenants separate, and no answer without a token', async () => {
    const { clock } = sleepingClock();
    const { credential, asked } = counting(clock);
    const memory = remembered(credential, clock);
    await memory.getToken('a');
    await memory.getToken('a', { tenantId: 't' });
    await memory.getToken('a', { tenantId: 'u' });
    await expect(memory.getToken('a', { tenantId: 't' })).resolves.toMatchObject({ token: 'token-2' });
    expect(asked.map(({ tenantId }) => tenantId)).toEqual([undefined, 't', 'u']);
    let calls = 0;
    const none = remembered(
      { getToken: async () => (calls++ === 0 ? null : { token: 't', expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) },
      clock,
    );
    expect([await none.getToken('a'), (await none.getToken('a'))?.token]).toEqual([null, 't']);
  });

  it('does not cache a failure', async () => {
    const { clock } = sleepingClock();
    let calls = 0;
    const memory = remembered(
      {
        getToken: async () => {
          calls += 1;
          if (calls === 1) throw new Error('not now');
          return { token: 'second', expiresOnTimestamp: clock().getTime() + 3_600_000 };
        },
      },
      clock,
    );

    await expect(memory.getToken('a')).rejects.toThrow('not now');
    await expect(memory.getToken('a')).resolves.toMatchObject({ token: 'second' });
  });

  it('rejects an aborted caller and serves the others', async () => {
    const { clock } = sleepingClock();
    const { promise, resolve } = Promise.withResolvers<void>();
    const leaving = new AbortController();
    const memory = remembered(
      { getToken: async () => promise.then(() => ({ token: 't', expiresOnTimestamp: clock().getTime() + 3_600_000 })) },
      clock,
    );
    const first = memory.getToken('a', { abortSignal: leaving.signal });
    const second = memory.getToken('a');

    leaving.abort();
    await expect(first).rejects.toMatchObject({ name: 'AbortError' });
    resolve();

    await expect(second).resolves.toMatchObject({ token: 't' });
  });

  it('is the same object for the same credential, so that all its users share it', () => {
    const { clock } = sleepingClock();
    const { credential } = counting(clock);
    const memory = remembered(credential, clock);

    expect(remembered(credential, clock)).toBe(memory);
    expect(remembered(memory, clock)).toBe(memory);
  });
});

describe('staticToken', () => {
  it('gives the same token for every audience', async () => {
    const token = await staticToken('t').getToken('anything');
    expect(token?.token).toBe('t');
    expect(token?.expiresOnTimestamp).toBeGreaterThan(Date.now() + 3_600_000);
  });
});

describe('azureCredential', () => {
  const CLIENT = '11111111-2222-4333-8444-555555555555';

  it.each<[string, NodeJS.ProcessEnv]>([
    ['App Service', { IDENTITY_ENDPOINT: 'http://127.0.0.1/msi' }],
    ['an older platform', { MSI_ENDPOINT: 'http://127.0.0.1/msi' }],
  ])('is only the managed identity where %s provides one, the named one if any', async (_, environment) => {
    const own = await azureCredential(undefined, environment);
    const named = await azureCredential(CLIENT, environment);

    expect(own).toBeInstanceOf(ManagedIdentityCredential);
    expect(named).toBeInstanceOf(ManagedIdentityCredential);
    // The library's classes show by these fields alone which identity they ask for.
    expect([Reflect.get(own, 'clientId'), Reflect.get(named, 'clientId')]).toEqual([undefined, CLIENT]);
  });

  it("is one of many ways to sign in elsewhere, among them a virtual machine's named identity", async () => {
    const named = await azureCredential(CLIENT, {});

    expect(await azureCredential(undefined, {})).toBeInstanceOf(DefaultAzureCredential);
    expect(named).toBeInstanceOf(DefaultAzureCredential);
    expect(Reflect.get(named, '_sources')).toContainEqual(expect.objectContaining({ clientId: CLIENT }));
  });
});
