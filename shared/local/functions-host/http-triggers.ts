import { z } from 'zod';
import type { RegisteredFunction } from './core-module.ts';
import { type FunctionLog, invoke, triggerOf } from './invoke.ts';
import { type Access, allows, type Keys } from './keys.ts';
import { matchRoute, parseRoute, precedence, type RouteTemplate } from './routes.ts';

/** A request as it came over the socket, its body read. */
export interface HostRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** An answer to be written to the socket. */
export interface HostResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

interface HttpRoute {
  readonly called: RegisteredFunction;
  readonly template: RouteTemplate;
  readonly methods: readonly string[];
  readonly access: Access;
}

const rpcResponse = z.object({
  returnValue: z
    .object({
      http: z.object({
        statusCode: z.string(),
        headers: z.record(z.string(), z.string()).default({}),
        body: z.object({ bytes: z.instanceof(Uint8Array).optional(), string: z.string().optional() }).nullish(),
      }),
    })
    .nullish(),
});

/** Serves the HTTP triggers of an app below its route prefix; `undefined` for a path that no function has. */
export function httpTriggers(
  functions: readonly RegisteredFunction[],
  routePrefix: string,
  keys: Keys,
  log: FunctionLog,
): (request: HostRequest) => Promise<HostResponse | undefined> {
  const routes = functions
    .map((called) => routeOf(called, routePrefix))
    .sort((a, b) => (precedence(a.template) < precedence(b.template) ? -1 : 1));
  return async (request) => {
    const path = decodePath(request.url.pathname);
    if (path === undefined) return { status: 400, headers: {} };
    for (const { called, template, methods, access } of routes) {
      const params = methods.includes(request.method) ? matchRoute(template, path) : undefined;
      if (params === undefined) continue;
      if (!allows(keys, access, request)) return { status: 401, headers: {} };
      return answer(called, request, params, log);
    }
    return undefined;
  };
}

function routeOf(called: RegisteredFunction, routePrefix: string): HttpRoute {
  const { route, methods, authLevel } = triggerOf(called);
  const template = parseRoute(`${routePrefix}/${typeof route === 'string' ? route : called.name}`, called.name);
  const named = z.array(z.string()).nullish().parse(methods) ?? ['GET', 'POST'];
  return {
    called,
    template,
    methods: named.map((method) => method.toUpperCase()),
    access: z.enum(['anonymous', 'function', 'admin']).default('anonymous').parse(authLevel),
  };
}

async function answer(
  called: RegisteredFunction,
  { method, url, headers, body }: HostRequest,
  params: Readonly<Record<string, string>>,
  log: FunctionLog,
): Promise<HostResponse> {
  const http = {
    method,
    url: url.href,
    nullableHeaders: nullable(headers),
    nullableParams: nullable(params),
    nullableQuery: nullable(Object.fromEntries(url.searchParams)),
    ...(body.length === 0 ? {} : { body: { bytes: body } }),
  };
  try {
    const { returnValue } = rpcResponse.parse(await invoke(called, { http }, {}, log));
    if (returnValue === null || returnValue === undefined) return { status: 204, headers: {} };
    const { statusCode, headers: answered, body: content } = returnValue.http;
    const sent = content?.bytes ?? content?.string;
    return { status: Number(statusCode), headers: answered, ...(sent === undefined ? {} : { body: sent }) };
  } catch (error) {
    // As the real host: the caller learns that it failed, the log learns why.
    log(`error ${called.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return { status: 500, headers: {} };
  }
}

function nullable(values: Readonly<Record<string, string>>): Record<string, { readonly value: string }> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
}

/** An encoded slash stays encoded, as ASP.NET Core leaves it. */
function decodePath(path: string): string | undefined {
  try {
    return path
      .split(/(%2f)/i)
      .map((part) => (/^%2f$/i.test(part) ? part : decodeURIComponent(part)))
      .join('');
  } catch {
    // A stray percent sign: the path is not a path.
    return undefined;
  }
}
