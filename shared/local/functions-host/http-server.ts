import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { HostRequest, HostResponse } from './http-triggers.ts';

/** The real host's default limit on a request's body. */
const MAX_BODY = 100 * 1024 * 1024;
const TEXT = { 'content-type': 'text/plain; charset=utf-8' };

/** Serves requests on loopback only: the local host is for one machine. */
export async function listen(
  port: number,
  answer: (request: HostRequest) => Promise<HostResponse>,
  log: (line: string) => void,
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const server = createServer((incoming, outgoing) => {
    serve(incoming, outgoing, answer).catch((error: unknown) => {
      log(`error: ${String(error)}`);
      outgoing.destroy();
    });
  });
  await new Promise<void>((done, fail) => {
    server.once('error', (cause) => fail(new Error(`Port ${port} cannot be used: ${cause.message}`, { cause })));
    server.listen(port, '127.0.0.1', () => done());
  });
  return { url: `http://127.0.0.1:${portOf(server)}`, stop: () => close(server) };
}

async function serve(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  answer: (request: HostRequest) => Promise<HostResponse>,
): Promise<void> {
  const body = await readBody(incoming);
  const {
    status,
    headers,
    body: content,
  }: HostResponse = body === undefined
    ? { status: 413, headers: TEXT, body: 'The body is too large.' }
    : await answer(requestOf(incoming, body));
  outgoing.writeHead(status, headers);
  outgoing.end(incoming.method === 'HEAD' ? undefined : content);
}

function requestOf(incoming: IncomingMessage, body: Buffer): HostRequest {
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, [value].flat().join(', ')]])),
  );
  const url = new URL(`http://${headers.host ?? '127.0.0.1'}${incoming.url?.startsWith('/') === true ? incoming.url : '/'}`);
  return { method: incoming.method ?? 'GET', url, headers, body };
}

async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_BODY) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address.port;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((done) => server.close(done));
  server.closeIdleConnections();
  const force = setTimeout(() => server.closeAllConnections(), 2_000);
  await closed;
  clearTimeout(force);
}
