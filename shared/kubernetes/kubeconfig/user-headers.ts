import { resolve } from 'node:path';
import { Fault } from '../../domain/snapshot/fault.ts';
import { given } from '../../domain/snapshot/given.ts';
import { SignInFault } from '../client/network-fault.ts';
import type { UserEntry } from './entries.ts';
import { readNamed, type Target } from './target.ts';

/** Headers that authenticate a user; a name may have several values. */
export type UserHeaders = Readonly<Record<string, string | readonly string[]>>;

/** Returns a user's headers besides certificates: from a token file, else a token, else a user name and password. */
export async function shown({ user, userFolder, who }: Target): Promise<UserHeaders | undefined> {
  const ofFile = await tokenOfFile({ user, userFolder, who });
  if (ofFile !== undefined) return bearer(ofFile, who);
  if (user.token !== undefined) return bearer(user.token, who);
  if (user.username === undefined) return undefined;
  return { authorization: `Basic ${Buffer.from(`${user.username}:${user.password ?? ''}`).toString('base64')}` };
}

/** If the file cannot be read, a token in the entry is used. Source: client-go transport/round_trippers.go, bearerAuthRoundTripper. */
async function tokenOfFile({ user, userFolder, who }: Pick<Target, 'user' | 'userFolder' | 'who'>): Promise<string | undefined> {
  if (user.tokenFile === undefined) return undefined;
  try {
    return (await readNamed(resolve(userFolder, user.tokenFile), 'token file', who)).toString('utf8').trim();
  } catch (error) {
    if (user.token !== undefined && error instanceof Fault) return undefined;
    throw error;
  }
}

/** The message never contains the token. */
function bearer(token: string, who: string): UserHeaders {
  if (!/^[\x21-\x7e]+$/.test(token)) throw new SignInFault(`The token for ${who} is empty or contains invalid characters.`);
  return { authorization: `Bearer ${token}` };
}

/** The headers that impersonate another user. Source: kubernetes.io/docs/reference/access-authn-authz/user-impersonation. */
export function impersonation(user: UserEntry): UserHeaders {
  if (user.as === undefined) return {};
  const extra = Object.entries(user['as-user-extra']).map(([key, values]) => [`impersonate-extra-${escaped(key)}`, values] as const);
  return {
    'impersonate-user': user.as,
    ...given({ 'impersonate-uid': user['as-uid'] }),
    ...(user['as-groups'].length === 0 ? {} : { 'impersonate-group': user['as-groups'] }),
    ...Object.fromEntries(extra),
  };
}

/** Returns a key as a part of a header name: characters that are not allowed there, and the percent sign, are percent-encoded. */
function escaped(key: string): string {
  return [...Buffer.from(key)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[!#$&'*+.^_`|~0-9A-Za-z-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}
