import { createHash } from 'node:crypto';
import type { AccessRules } from '../../shared/http/access/decide.ts';
import type { ApiDependencies } from '../../shared/http/framework/api.ts';
import type { World } from '../../shared/http/framework/serve.ts';

/** A key of the tests that may read. */
export const READER_KEY = 'reader-key-of-the-tests-43-characters-long!';
/** A key of the tests that may read and write. */
export const OPERATOR_KEY = 'Vd7yB1n3kq0wZt5sR8uXoPmJ2cLfGhA4eYiT6rNvK9Q';
/** The origin of the tests' app. */
export const ORIGIN = 'https://kataudit.example';
/** The object id of the signed-in user. */
export const OBJECT_ID = 'aaaaaaaa-0000-4000-8000-000000000001';

/** The digest of a key that a deployment stores. */
export const digestOf = (key: string): string => createHash('sha256').update(key).digest('hex');

/** This app accepts only keys. */
export const KEYS_ALONE: AccessRules = {
  signIn: 'off',
  keys: [
    { role: 'reader', sha256: digestOf(READER_KEY) },
    { role: 'operator', sha256: digestOf(OPERATOR_KEY) },
  ],
  origin: ORIGIN,
};
/** This app accepts only a sign-in with Entra ID. */
export const SIGN_IN_ALONE: AccessRules = { ...KEYS_ALONE, signIn: 'required' };

/** The platform's header for a signed-in user with these app roles. */
export function principal(...roles: readonly string[]): Record<string, string> {
  const claims = [...roles.map((val) => ({ typ: 'roles', val })), { typ: 'oid', val: OBJECT_ID }, { typ: 'name', val: 'Some Body' }];
  return { 'x-ms-client-principal': Buffer.from(JSON.stringify({ auth_typ: 'aad', claims })).toString('base64') };
}

/** A process that serves these dependencies and collects unexpected errors in `bugs`. */
export function aWorld(dependencies: () => Promise<ApiDependencies>, rules = KEYS_ALONE): World & { readonly bugs: unknown[] } {
  const bugs: unknown[] = [];
  return { rules: () => rules, dependencies, now: () => new Date('2026-11-23T12:00:00.000Z'), onBug: (error) => bugs.push(error), bugs };
}

/** An authorized operator, for tests that call a route's handler directly. */
export const AN_OPERATOR = {
  caller: { operator: true },
  admission: () => ({ rules: KEYS_ALONE, secret: async () => 'a secret of the test', now: () => new Date() }),
};
