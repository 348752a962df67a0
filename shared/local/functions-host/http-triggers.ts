import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { RegisteredFunction } from './core-module.ts';
import type { CallStreaming, HostRequest, HostResponse } from './http-exchange.ts';
import { type FunctionLog, invoke, triggerOf } from './invoke.ts';
import { type Access, allows, type Keys } from './keys.ts';
import { matchRoute, parseRoute, type RouteTemplate } from './routes.ts';
import { fromRpcResponse, toRpcRequest } from './rpc-http.ts';

interface HttpRoute {
  readonly called: RegisteredFunction;
  readonly template: RouteTemplate;
  readonly methods: readonly string[];
  readonly access: Access;
}

const trigger = z.object({
  route: z.string().nullish(),
  methods: z.array(z.string()).nullish(),
  authLevel: z.enum(['anonymous', 'function', 'admin']).default('anonymous'),
});

/**
 * Serves the HTTP triggers of an app below its route prefix; `undefined` if no function answers. A known path with another method is
 * not found, as with the real host, which answers 404. Functions are tried in the order of their names, and the first whose route
 * matches answers, even if another route is more specific. Source: azure-functions-host FunctionMetadataManager.cs;
 * azure-functions-host#9876 and azure-webjobs-sdk-extensions#842 are open.
 */
export function httpTriggers(
  functions: readonly RegisteredFunction[],
  routePrefix: string,
  keys: Keys,
  log: FunctionLog,
  streaming: CallStreaming | undefined,
): (request: HostRequest) => Promise<HostResponse | undefined> {
  const routes = functions
    .map((called) => routeOf(called, routePrefix))
    .sort((a, b) => (a.called.name.toUpperCase() < b.called.name.toUpperCase() ? -1 : 1));
  return async (request) => {
    const path = decodePath(request.url.pathname);
    if (path === undefined) return { status: 400, headers: {} };
    for (const { called, template, methods, access } of routes) {
      const params = methods.includes(request.method) ? matchRoute(template, path) : undefined;
      if (params === undefined) continue;
      if (!allows(keys, access, request)) return { status: 401, headers: {} };
      return answer(called, request, params, log, streaming ?? buffered);
    }
    return undefined;
  };
}

function routeOf(called: RegisteredFunction, routePrefix: string): HttpRoute {
  const { success, data, error } = trigger.safeParse(triggerOf(called));
  if (!success) throw new Error(`The function ${called.name} has an HTTP trigger that cannot be served: ${z.prettifyError(error)}`);
  return {
    called,
    template: parseRoute(`${routePrefix}/${data.route ?? called.name}`, called.name),
    methods: (data.methods ?? ['GET', 'POST']).map((method) => method.toUpperCase()),
    access: data.authLevel,
  };
}

const buffered: CallStreaming = async (called, request, params, log, invocationId) =>
  fromRpcResponse(await invoke(called, { http: toRpcRequest(request, params) }, {}, log, invocationId));

async function answer(
  called: RegisteredFunction,
  request: HostRequest,
  params: Readonly<Record<string, string>>,
  log: FunctionLog,
  call: CallStreaming,
): Promise<HostResponse> {
  const invocationId = randomUUID();
  try {
    const response = await call(called, request, params, log, invocationId);
    return { ...response, headers: { ...response.headers, 'x-ms-invocation-id': invocationId } };
  } catch (error) {
    // As with the real host, the caller learns only that it failed; the reason is in the log.
    log(`error ${called.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return { status: 500, headers: {} };
  }
}

/** An encoded slash stays encoded, as in ASP.NET Core. */
function decodePath(path: string): string | undefined {
  try {
    return path
      .split(/(%2f)/i)
      .map((part) => (/^%2f$/i.test(part) ? part : decodeURIComponent(part)))
      .join('');
  } catch {
    // An invalid percent-encoding, so the path is invalid.
    return undefined;
  }
}
