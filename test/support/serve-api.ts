import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ApiDependencies, ApiRequest, ApiResponse } from '../../shared/http/framework/api.ts';
import { matchRoute } from '../../shared/http/framework/match.ts';
import { answerUnknown, serve } from '../../shared/http/framework/serve.ts';
import { ROUTES } from '../../shared/http/routes.ts';
import { aWorld, digestOf, KEYS_ALONE, OPERATOR_KEY } from './access.ts';

/** The API over real HTTP on a free loopback port. */
export interface ServedApi {
  /** Without a trailing slash, `/api` included. */
  readonly url: string;
  /** Unexpected errors of the API; a test fails when there is one. */
  readonly bugs: readonly unknown[];
  stop(): Promise<void>;
}

/**
 * Serves the API's routes from given dependencies, like a host, for tests that need a browser or a
 * socket. With a key it requires it; without one every caller may do everything.
 */
export async function serveApi(dependencies: ApiDependencies, key?: string): Promise<ServedApi> {
  const bugs: unknown[] = [];
  const server = createServer((request, response) => {
    answer(dependencies, request, bugs, key)
      .then(async ({ status, headers, body, cookies = [] }) => {
        for (const { name, value, maxAge } of cookies)
          response.appendHeader('set-cookie', `${name}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly`);
        response.writeHead(status, headers);
        if (body instanceof ReadableStream) await pipeline(Readable.from(body), response);
        else response.end(body);
      })
      .catch((error: unknown) => {
        bugs.push(error);
        response.destroy();
      });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${portOf(server)}/api`, bugs, stop: () => close(server) };
}

async function answer(
  dependencies: ApiDependencies,
  incoming: IncomingMessage,
  bugs: unknown[],
  key: string | undefined,
): Promise<ApiResponse> {
  const { method = 'GET' } = incoming;
  const url = new URL(incoming.url ?? '/', `http://${incoming.headers.host}`);
  const match = matchRoute(ROUTES, method, url.pathname.replace(/^\/api/, ''));
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  const given = Object.entries(incoming.headers).flatMap(([name, value]): [string, string][] => [[name, String(value)]]);
  const headers = new Headers([...(key === undefined ? [['x-functions-key', OPERATOR_KEY] as [string, string]] : []), ...given]);
  const params = match.kind === 'route' ? match.params : {};
  const request: ApiRequest = { method, url: url.href, headers, params, body: new Blob(chunks).stream() };
  if (match.kind !== 'route') return answerUnknown(ROUTES, request);
  const keys = key === undefined ? KEYS_ALONE.keys : [{ role: 'operator' as const, sha256: digestOf(key) }];
  const world = aWorld(async () => dependencies, { ...KEYS_ALONE, keys, origin: url.origin });
  return serve(match.route, { ...world, onBug: (error) => bugs.push(error) }, request);
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return (address satisfies AddressInfo).port;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
}
