import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { layout, pageHeaders } from '../../dashboard/layout.ts';
import { problemPage } from '../../dashboard/problem-page.ts';
import { signInPage } from '../../dashboard/sign-in-page.ts';
import { given } from '../../domain/snapshot/given.ts';
import { isCrossSite } from '../access/cross-site.ts';
import type { AccessRules } from '../access/decide.ts';
import { type HeldKey, keyOf } from '../access/keys.ts';
import { type Cookie, endedCookie, sessionCookie } from '../access/session.ts';
import { COMMON, problem } from '../framework/answers.ts';
import type { ApiRequest, ApiResponse } from '../framework/api.ts';
import { json } from '../framework/negotiate.ts';
import { Problem } from '../framework/problem.ts';
import { parseBody } from '../framework/query.ts';
import { type Admission, type Call, defineRoute, NO_QUERY } from '../framework/route.ts';
import { ProblemView } from '../schemas/common-schemas.ts';
import { SessionRequest, SessionView } from '../schemas/operation-schemas.ts';

const DASHBOARD = '/api/dashboard';
const SESSION = '/api/session';
const WRONG_KEY = 'The key is not valid for this app.';
const Form = z.object({ key: z.string(), next: z.string().optional() });

/** `POST /session`: exchanges a key for a cookie that represents it, so that no address and no page contains the key. */
export const openSession = defineRoute({
  name: 'open-session',
  tag: 'dashboard',
  summary: 'Exchanges a key for a session cookie.',
  body: { schema: SessionRequest, required: true, form: true },
  query: NO_QUERY,
  answers: {
    ...COMMON,
    200: { description: 'The session is open.', schema: SessionView, headers: { 'set-cookie': 'The session.' } },
    303: { description: 'The session is open; a form asked for it.', headers: { location: 'The page to continue with.' } },
    401: { description: 'The key is not valid for this app.', schema: ProblemView, mediaTypes: ['application/problem+json', 'text/html'] },
    403: problem('The app accepts no keys, or another site made the request.'),
    415: problem('The body is neither JSON nor a form.'),
  },
  handle: async (_dependencies, call) => {
    const admission = call.admission();
    assertMayTrade(call, admission.rules);
    const { key, next } = sessionRequest(call);
    const held = keyOf(admission.rules.keys, key);
    if (held === undefined) return refusedKey(next, admission.rules);
    const { cookies, expiresAt } = await traded(held, admission);
    if (next !== undefined) return { ...seeOther(dashboardAddress(next)), cookies };
    return { ...json({ role: held.role, expiresAt }), cookies };
  },
});

/** `DELETE /session`: ends the session of this browser. */
export const endSession = defineRoute({
  name: 'end-session',
  tag: 'dashboard',
  summary: 'Ends the session of this browser.',
  query: NO_QUERY,
  answers: { ...COMMON, 204: { description: 'The session has ended.' }, 403: problem('Another site made the request.') },
  handle: async (_dependencies, call) => {
    const { rules } = call.admission();
    assertSameSite(call, rules);
    return { status: 204, headers: {}, cookies: [endedCookie(rules.origin)] };
  },
});

/** Exchanges the key in a page's address, as printed by `npm start`, for a session, and redirects to the address without it. */
export async function tradeAddress(request: ApiRequest, admission: Admission): Promise<ApiResponse | undefined> {
  const key = URL.parse(request.url)?.searchParams.get('code') ?? undefined;
  if (key === undefined || admission.rules.signIn === 'required') return undefined;
  const held = keyOf(admission.rules.keys, key);
  if (held === undefined) return signInResponse(request.url, admission.rules, WRONG_KEY);
  return { ...seeOther(dashboardAddress(request.url)), cookies: (await traded(held, admission)).cookies };
}

/** Shows a browser what is wrong with its address; `undefined` for other clients. */
export function showProblem({ status, message, errors }: Problem, request: ApiRequest): ApiResponse | undefined {
  if (!takesPages(request)) return undefined;
  const bare = URL.parse(request.url)?.pathname ?? DASHBOARD;
  return pageResponse(status, problemPage('This URL is invalid', message, errors, dashboardAddress(bare)));
}

function takesPages({ headers }: ApiRequest): boolean {
  return (headers.get('accept') ?? '').toLowerCase().includes('text/html');
}

/** Shows a browser the sign-in page, or why there is none; `undefined` for other clients. */
export function showSignIn(refusal: Problem, request: ApiRequest, rules: AccessRules): ApiResponse | undefined {
  if (!takesPages(request)) return undefined;
  if (refusal.status !== 401) return pageResponse(refusal.status, problemPage('Not allowed', refusal.message));
  const brought = (request.headers.get('cookie') ?? '').includes('kataudit=');
  return signInResponse(request.url, rules, brought ? refusal.message : undefined);
}

async function traded(held: HeldKey, { rules, secret, now }: Admission): Promise<{ cookies: Cookie[]; expiresAt: string }> {
  const { expiresAt, ...cookie } = sessionCookie(held, await secret(), now(), rules.origin);
  return { cookies: [cookie], expiresAt };
}

function assertMayTrade(call: Pick<Call<unknown>, 'headers'>, rules: AccessRules): void {
  if (rules.signIn === 'required') throw new Problem(403, 'This app accepts no keys: sign in with Entra ID.');
  assertSameSite(call, rules);
}

/** Pages of other sites must not sign a user in or out. */
function assertSameSite({ headers }: Pick<Call<unknown>, 'headers'>, rules: AccessRules): void {
  if (isCrossSite({ method: 'POST', headers }, rules.origin))
    throw new Problem(403, 'The browser reports that another site made this request.');
}

/** Parses the request. A form always says where to go next, so the response is a page. */
function sessionRequest({ headers, body }: Pick<Call<unknown>, 'headers' | 'body'>): z.output<typeof Form> {
  if (/^application\/json/i.test(headers.get('content-type') ?? '')) return parseBody(SessionRequest, body);
  const fields = new URLSearchParams(body);
  return { key: fields.get('key') ?? '', next: fields.get('next') ?? DASHBOARD };
}

function refusedKey(next: string | undefined, rules: AccessRules): ApiResponse {
  if (next === undefined) throw new Problem(401, WRONG_KEY, [], { 'www-authenticate': 'Bearer realm="kataudit"' });
  return signInResponse(next, rules, WRONG_KEY);
}

function signInResponse(next: string, { signIn }: AccessRules, wrong: string | undefined): ApiResponse {
  const offer = { action: SESSION, next: dashboardAddress(next), takesKeys: signIn !== 'required', takesSignIn: signIn !== 'off' };
  return pageResponse(401, signInPage({ ...offer, ...given({ problem: wrong }) }));
}

function pageResponse(status: number, page: Parameters<typeof layout>[1]): ApiResponse {
  const nonce = randomBytes(16).toString('base64');
  const view = { nonce, base: DASHBOARD, now: new Date(), operator: false };
  return { status, headers: pageHeaders(nonce), body: layout(view, page) };
}

function seeOther(location: string): ApiResponse {
  return { status: 303, headers: { location } };
}

/** Returns a dashboard address without a key; any other value leads to the start page. */
function dashboardAddress(text: string): string {
  const url = URL.parse(text, 'http://this.app');
  if (url === null || !/^\/api\/dashboard(?:\/|$)/.test(url.pathname)) return DASHBOARD;
  url.searchParams.delete('code');
  return `${url.pathname}${url.search}`;
}
