import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { gzipSync } from 'node:zlib';
import { loopbackCertificate } from './certificate.ts';

/** A request as the server saw it. */
export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly authorization: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The answer of the server: a string body is sent unchanged, anything else as JSON. */
export type Reply =
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown }
  | 'never'
  /** The headers and half of a compressed body, and then nothing. */
  | 'stall'
  | 'hang-up';

type Replier = Reply | ((asked: Asked) => Reply | Promise<Reply>);

/** A loopback HTTPS server that plays Azure Resource Manager. */
export interface ArmServer {
  readonly endpoint: string;
  readonly ca: string;
  /** Every request so far, oldest first. */
  readonly asked: readonly Asked[];
  /** Requests that are waiting for an answer. */
  readonly waiting: number;
  /** Gives these answers to the next requests in turn, then repeats the last one. */
  reply(...replies: readonly Replier[]): void;
  stop(): Promise<void>;
}

/** Starts the server on a free port. */
export async function startArmServer(): Promise<ArmServer> {
  const { key, cert } = await loopbackCertificate();
  const asked: Asked[] = [];
  let replies: Replier[] = [];
  let waiting = 0;
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const one = await read(request);
    asked.push(one);
    waiting += 1;
    const [next] = replies.length > 1 ? replies.splice(0, 1) : replies;
    const reply = typeof next === 'function' ? await next(one) : (next ?? { status: 501 });
    waiting -= 1;
    send(reply, request, response);
  };
  const server = createServer({ key, cert }, (request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  return {
    endpoint: `https://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    ca: cert,
    asked,
    get waiting() {
      return waiting;
    },
    reply: (...wanted) => {
      replies = [...wanted];
    },
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

async function read(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const { method = '', url = '', headers } = request;
  return {
    method,
    url,
    authorization: headers.authorization,
    headers,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

function send(reply: Reply, request: IncomingMessage, response: ServerResponse): void {
  if (reply === 'never') return;
  if (reply === 'hang-up') {
    request.socket.destroy();
    return;
  }
  if (reply === 'stall') {
    const zipped = gzipSync(randomBytes(100_000).toString('hex'));
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    response.write(zipped.subarray(0, zipped.length / 2));
    return;
  }
  const body = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body ?? {});
  response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers }).end(body);
}
