import { expect, it } from 'vitest';
import { appToken } from '../../../shared/compose/command-line/app-token.ts';

/** Asks for a token of an app; the credential answers with what it was asked for. */
const ask = (audience: string, token: (words: string) => string | null = (words) => words) =>
  appToken(audience, { AZURE_CLIENT_ID: 'client' }, async (clientId) => ({
    getToken: async (scope) => {
      const answer = token(`${clientId} ${String(scope)}`);
      return answer === null ? null : { token: answer, expiresOnTimestamp: 0 };
    },
  }));

it.each(['api://app', 'api://app/', 'api://app//'])(
  'a token for the app %s is of its default scope, by the identity of the environment',
  async (audience) => {
    expect(await ask(audience)).toBe('client api://app/.default');
  },
);

it('a token that cannot be had is a fault, and a bug stays one', async () => {
  expect(await ask('api://app', () => null)).toBe('');
  const failing = (error: Error) =>
    ask('api://app', () => {
      throw error;
    });
  await expect(failing(Object.assign(new Error('No.'), { name: 'CredentialUnavailableError' }))).rejects.toMatchObject({
    code: 'unauthenticated',
    message: expect.stringContaining('the app api://app'),
  });
  await expect(failing(new RangeError('a bug'))).rejects.toThrow(RangeError);
});

it('a token is waited for only a limited time', async () => {
  let signal: unknown;
  await appToken('api://app', {}, async () => ({
    getToken: async (_, options) => {
      signal = options?.abortSignal;
      return null;
    },
  }));
  expect(signal).toBeInstanceOf(AbortSignal);
});
