import type { HostRequest, HostResponse } from './http-exchange.ts';
import type { FunctionLog } from './invoke.ts';
import { type Keys, refusal } from './keys.ts';
import type { Timers } from './timers.ts';

const FUNCTION_PATH = /^\/admin\/functions\/(?<name>[\w-]+)(?<status>\/status)?\/?$/i;
const STATUS_PATH = /^\/admin\/host\/status\/?$/i;
const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' };

/**
 * Answers the host's own paths: `/` and, with the master key, `GET /admin/host/status` say that it runs, `GET
 * /admin/functions/{name}/status` says why a timer never runs, and `POST /admin/functions/{name}` starts a timer and answers at once.
 * `undefined` for any other request.
 */
export function adminRequests(timers: Timers, keys: Keys, log: FunctionLog): (request: HostRequest) => HostResponse | undefined {
  return (request) => {
    const { method, url } = request;
    if (url.pathname === '/' && method === 'GET') return homePage();
    const { name, status } = FUNCTION_PATH.exec(url.pathname)?.groups ?? {};
    const asksHost = STATUS_PATH.test(url.pathname) && method === 'GET';
    const asksFunction = name !== undefined && method === (status === undefined ? 'POST' : 'GET');
    if (!asksHost && !asksFunction) return undefined;
    const refused = refusal(keys, 'master', request);
    if (refused !== undefined) return { status: refused, headers: {} };
    if (name === undefined) return answerJson({ state: 'Running', version: 'local' });
    const timer = timers.names.find((one) => one.toLowerCase() === name.toLowerCase());
    if (timer === undefined) return { status: 404, headers: {}, body: `No timer is named ${name}; locally, only timers are known here.` };
    return status === undefined ? start(timers, timer, log) : statusOf(timers, timer);
  };
}

function start(timers: Timers, timer: string, log: FunctionLog): HostResponse {
  timers.run(timer).catch((error: unknown) => {
    log(`error ${timer}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  });
  return { status: 202, headers: {} };
}

function statusOf({ errors }: Timers, timer: string): HostResponse {
  const reason = errors.get(timer);
  return answerJson(reason === undefined ? {} : { errors: [reason] });
}

function homePage(): HostResponse {
  return {
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: '<!doctype html><title>Functions</title>The local Functions host is running.',
  };
}

function answerJson(value: unknown): HostResponse {
  return { status: 200, headers: JSON_HEADERS, body: JSON.stringify(value) };
}
