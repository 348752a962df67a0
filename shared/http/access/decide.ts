import { type AccessRequest, isCrossSite } from './cross-site.ts';
import { type HeldKey, keyOf, type Role } from './keys.ts';
import { PRINCIPAL_HEADER, readPrincipal } from './principal.ts';
import { openSession, sessionOf } from './session.ts';

/** Who may use a route: anyone, readers, or operators, who may also write. */
export type Access = 'anyone' | Role;

/** The credentials that this deployment accepts. Without keys and without sign-in, every protected route is closed. */
export interface AccessRules {
  /** `off`: the platform's header is ignored, because no proxy removes a forged one. `required`: keys are not accepted. */
  readonly signIn: 'off' | 'required' | 'or-key';
  readonly keys: readonly HeldKey[];
  /** The origin of the app's public address, such as `https://audit.example.com`; absent if it is not configured. */
  readonly origin?: string;
}

/** The caller, with only what routes need. */
export interface Caller {
  /** The object id of the app or person that signed in with Entra ID, never a name; absent for keys. */
  readonly objectId?: string;
  /** Whether the caller may write. */
  readonly operator: boolean;
}

/** A caller, or the refusal and the reason that the caller gets. */
export type Decision = { readonly caller: Caller } | { readonly status: 401 | 403; readonly detail: string };

/** Data to check a session; requested only if the request has one. */
export interface SessionCheck {
  readonly secret: () => Promise<string>;
  readonly now: () => Date;
}

interface Proof {
  readonly role: Role | undefined;
  readonly objectId?: string;
  /** Sent automatically by browsers, also from pages of other sites. */
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

/**
 * Returns what the request's credential proves, or what is wrong with it. An invalid credential is never ignored in favor of another one.
 */
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
