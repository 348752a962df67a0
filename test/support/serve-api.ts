import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ApiDependencies, ApiRequest, ApiResponse } from '../../shared/http/framework/api.ts';
import { matchRoute } from '../../shared/http/framework/match.ts';
import { Problem, problemResponse } from '../../shared/http/framework/problem.ts';
import { notAllowed, serve } from '../../shared/http/framework/route.ts';
import { ROUTES } from '../../shared/http/routes.ts';

/** The API over real HTTP on a free loopback port. */
export interface ServedApi {
  /** Without a trailing slash, `/api` included. */
  readonly url: string;
  /** Errors that the API did not expect; a test fails when there is one. */
  readonly bugs: readonly unknown[];
  stop(): Promise<void>;
}

/**
 * Serves the API's routes from given dependencies, as a host would, for tests that need a browser or a
 * socket. With a key it asks for it, as the host does.
 */
export async function serveApi(dependencies: ApiDependencies, key?: string): Promise<ServedApi> {
  const bugs: unknown[] = [];
  const server = createServer((request, response) => {
    answer(dependencies, request, bugs, key)
      .then(async ({ status, headers, body }) => {
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
  const url = new URL(incoming.url ?? '/', `http://${incoming.headers.host}`);
  const match = matchRoute(ROUTES, incoming.method ?? 'GET', url.pathname.replace(/^\/api/, ''));
  if (match.kind === 'none') return problemResponse(new Problem(404, 'There is nothing at this address.'));
  if (match.kind === 'other-methods') return problemResponse(notAllowed(match.methods));
  if (key !== undefined && match.route.authLevel === 'function' && incoming.headers['x-functions-key'] !== key) {
    return { status: 401, headers: {} };
  }
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  const headers = new Headers(Object.entries(incoming.headers).flatMap(([name, value]) => [[name, String(value)]]));
  const request: ApiRequest = {
    method: incoming.method ?? 'GET',
    url: url.href,
    headers,
    params: match.params,
    body: new Blob(chunks).stream(),
  };
  return serve(
    match.route,
    async () => dependencies,
    request,
    (error) => bugs.push(error),
  );
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
