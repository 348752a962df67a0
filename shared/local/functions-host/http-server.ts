import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { HostRequest, HostResponse } from './http-exchange.ts';

const TEXT = { 'content-type': 'text/plain; charset=utf-8' };

/** Options of the server. */
export interface ListenOptions {
  /** 0 takes a free port. */
  readonly port: number;
  /** A body longer than this many bytes is answered with 413. */
  readonly maxBody: number;
  readonly answer: (request: HostRequest) => Promise<HostResponse>;
  readonly log: (line: string) => void;
}

/** A server on loopback. */
export interface Listening {
  readonly url: string;
  /** Accepts no more requests and resolves when those in progress are answered. */
  stop(): Promise<void>;
  /** Cuts every connection. */
  cut(): void;
}

/** Serves requests on loopback only: the local host is for one machine. */
export async function listen(options: ListenOptions): Promise<Listening> {
  const { port, log } = options;
  const server = createServer((incoming, outgoing) => {
    // A keep-alive connection would keep a stopping server open.
    outgoing.on('finish', () => {
      if (!server.listening) setImmediate(() => server.closeIdleConnections());
    });
    serve(incoming, outgoing, options).catch((error: unknown) => {
      log(`error: ${String(error)}`);
      outgoing.destroy();
    });
  });
  await new Promise<void>((done, fail) => {
    server.once('error', (cause) => fail(new Error(`Port ${port} cannot be used: ${cause.message}`, { cause })));
    server.listen(port, '127.0.0.1', () => done());
  });
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    stop: () => close(server),
    cut: () => server.closeAllConnections(),
  };
}

async function serve(incoming: IncomingMessage, outgoing: ServerResponse, { answer, maxBody }: ListenOptions): Promise<void> {
  const { status, headers, body } = await respond(incoming, answer, maxBody);
  for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value);
  outgoing.statusCode = status;
  if (body instanceof Readable) await pipeline(body, outgoing);
  else outgoing.end(incoming.method === 'HEAD' ? undefined : body);
}

async function respond(incoming: IncomingMessage, answer: ListenOptions['answer'], maxBody: number): Promise<HostResponse> {
  const url = urlOf(incoming);
  if (url === undefined) return { status: 400, headers: TEXT, body: 'The Host header or the path is malformed.' };
  const body = await readBody(incoming, maxBody);
  if (body === undefined) return { status: 413, headers: TEXT, body: `The body is longer than ${maxBody} bytes.` };
  return answer({ method: incoming.method ?? 'GET', url, headers: headersOf(incoming), body });
}

function urlOf({ headers, url }: IncomingMessage): URL | undefined {
  const path = url?.startsWith('/') === true ? url : '/';
  return URL.parse(`http://${headers.host ?? '127.0.0.1'}${path}`) ?? undefined;
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, [value].flat().join(', ')]])),
  );
}

/** A body that is too long is read to its end but not kept, because closing the connection would also lose the answer. */
async function readBody(incoming: IncomingMessage, maxBody: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size <= maxBody) chunks.push(bytes);
    else chunks.length = 0;
  }
  return size > maxBody ? undefined : Buffer.concat(chunks);
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address.port;
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((done) => server.close(done));
  server.closeIdleConnections();
  await closed;
}
