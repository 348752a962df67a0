import { type AccessRequest, isCrossSite } from './cross-site.ts';
import { type HeldKey, keyOf, type Role } from './keys.ts';
import { PRINCIPAL_HEADER, readPrincipal } from './principal.ts';
import { openSession, sessionOf } from './session.ts';

/** Who may use a route: anyone, those who may read, or those who may write as well. */
export type Access = 'anyone' | Role;

/** What this deployment accepts as proof of who calls. Without a key and without sign-in, nothing opens. */
export interface AccessRules {
  /** `off`: the platform's header is ignored, for nobody stands in front who would remove a forged one. `required`: keys open nothing. */
  readonly signIn: 'off' | 'required' | 'or-key';
  readonly keys: readonly HeldKey[];
  /** The origin of the app's public address, such as `https://audit.example.com`; absent where it is not known. */
  readonly origin?: string;
}

/** Who calls, as far as routes need to know. */
export interface Caller {
  /** The object id of the app or person that Entra ID vouches for, never a name; absent for keys. */
  readonly objectId?: string;
  /** Whether the caller may write. */
  readonly operator: boolean;
}

/** A caller, or the refusal with the reason that the caller is told. */
export type Decision = { readonly caller: Caller } | { readonly status: 401 | 403; readonly detail: string };

/** What a session is checked with; asked for only when a request brings one. */
export interface SessionCheck {
  readonly secret: () => Promise<string>;
  readonly now: () => Date;
}

interface Proof {
  readonly role: Role | undefined;
  readonly objectId?: string;
  /** Sent by browsers on their own, also for a page of somebody else. */
  readonly ambient: boolean;
}

const NOBODY: Caller = { operator: false };

/** Decides whether a request may use a route. Every request is decided here, and nowhere else. */
export async function decide(rules: AccessRules, wanted: Access, request: AccessRequest, check: SessionCheck): Promise<Decision> {
  if (wanted === 'anyone') return { caller: NOBODY };
  const proof = await proofOf(rules, request.headers, check);
  if (typeof proof === 'string') return { status: 401, detail: proof };
  const { role, objectId, ambient } = proof;
  if (role === undefined || (wanted === 'operator' && role !== 'operator')) return { status: 403, detail: missingRole(wanted, objectId) };
  if (ambient && isCrossSite(request, rules.origin)) {
    return { status: 403, detail: 'The browser reports that another site made this request. Make it from the dashboard, or send a key.' };
  }
  return { caller: { operator: role === 'operator', ...(objectId === undefined ? {} : { objectId }) } };
}

/** What the request proves, or what is wrong with its proof. A proof that is given and wrong is never passed over for another. */
async function proofOf(rules: AccessRules, headers: AccessRequest['headers'], check: SessionCheck): Promise<Proof | string> {
  const principal = rules.signIn === 'off' ? undefined : (headers.get(PRINCIPAL_HEADER) ?? undefined);
  const key = given(headers.get('x-functions-key')) ?? (principal === undefined ? bearerOf(headers) : undefined);
  if (key !== undefined) return proofByKey(rules, key);
  if (principal !== undefined) {
    const read = readPrincipal(principal);
    return read === undefined ? `The header ${PRINCIPAL_HEADER} cannot be read.` : { ...read, ambient: true };
  }
  const session = rules.signIn === 'required' ? undefined : sessionOf(headers.get('cookie'), rules.origin);
  if (session === undefined) return howToProve(rules);
  const held = openSession(rules.keys, session, await check.secret(), check.now());
  return held === undefined ? 'The session has ended. Open the dashboard again and enter the key.' : { role: held.role, ambient: true };
}

function proofByKey({ signIn, keys }: AccessRules, key: string): Proof | string {
  if (signIn === 'required') return 'This app accepts no keys. Send an Entra ID token for it.';
  const held = keyOf(keys, key);
  return held === undefined ? 'The key is not valid for this app.' : { role: held.role, ambient: false };
}

function howToProve({ signIn, keys }: AccessRules): string {
  const token = 'an Entra ID token for this app';
  const key = 'a key of this app in the header x-functions-key';
  if (signIn === 'required') return `Send ${token}.`;
  if (signIn === 'or-key') return `Send ${token}, or ${key}.`;
  return keys.length > 0
    ? `Send ${key}.`
    : 'This app has no keys and no sign-in, so it refuses every request. Set KATAUDIT_READER_KEYS or KATAUDIT_OPERATOR_KEYS.';
}

function missingRole(wanted: Role, objectId: string | undefined): string {
  if (objectId === undefined && wanted === 'operator') return 'This needs an operator key or the app role Kataudit.Operator.';
  return wanted === 'operator'
    ? 'This needs the app role Kataudit.Operator.'
    : 'This needs the app role Kataudit.Reader or Kataudit.Operator.';
}

function bearerOf(headers: AccessRequest['headers']): string | undefined {
  return given(/^Bearer +(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1]);
}

function given(text: string | null | undefined): string | undefined {
  return text === null || text === '' ? undefined : text;
}
