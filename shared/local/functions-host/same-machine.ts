import type { HostRequest, HostResponse } from './http-exchange.ts';

const LOOPBACK: readonly string[] = ['127.0.0.1', 'localhost', '[::1]'];
const PROBLEM = { 'content-type': 'application/problem+json' };

/**
 * Rejects requests that a web page in a browser on this machine sends without the user's intent: under its own host name that it has
 * pointed at this machine (DNS rebinding), or with a form or script of another site. Without keys, only these two checks protect this
 * server from web pages.
 */
export function refuseStrangers({ method, url, headers }: HostRequest): HostResponse | undefined {
  if (!LOOPBACK.includes(url.hostname)) return refusal(421, 'This server answers only to the names 127.0.0.1 and localhost.');
  if (method === 'GET' || method === 'HEAD') return undefined;
  const site = headers['sec-fetch-site'];
  const isStrange = site === undefined ? (headers.origin ?? url.origin) !== url.origin : site !== 'same-origin' && site !== 'none';
  return isStrange ? refusal(403, 'The browser reports that another site made this request.') : undefined;
}

function refusal(status: number, detail: string): HostResponse {
  const title = status === 421 ? 'Misdirected request' : 'Forbidden';
  return { status, headers: PROBLEM, body: JSON.stringify({ type: 'about:blank', title, status, detail }) };
}
