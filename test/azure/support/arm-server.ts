import { randomBytes } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { loopbackCertificate } from './certificate.ts';

/** A request as the server saw it. */
export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** What the server is to answer; a string body is sent as it is, anything else as JSON. `never` answers nothing at all. */
export type Reply =
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown }
  | 'never'
  /** The headers and half of a compressed body, and then nothing more. */
  | 'stall'
  | 'hang-up';

/** A loopback HTTPS server that plays Azure Resource Manager. */
export interface ArmServer {
  readonly endpoint: string;
  readonly ca: string;
  /** Every request so far, oldest first. */
  readonly asked: readonly Asked[];
  /** Answers the next requests in turn, then keeps giving the last answer. */
  reply(...replies: readonly (Reply | ((asked: Asked) => Reply))[]): void;
  stop(): Promise<void>;
}

/** Starts the server on a free port. */
export async function startArmServer(): Promise<ArmServer> {
  const { key, cert } = await loopbackCertificate();
  const asked: Asked[] = [];
  let replies: (Reply | ((asked: Asked) => Reply))[] = [];
  const server = createServer({ key, cert }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const one: Asked = {
        method: request.method ?? '',
        url: request.url ?? '',
        authorization: request.headers.authorization,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      asked.push(one);
      const [next] = replies.length > 1 ? replies.splice(0, 1) : replies;
      const reply = typeof next === 'function' ? next(one) : (next ?? { status: 501 });
      if (reply === 'never') return;
      if (reply === 'stall') {
        const zipped = gzipSync(randomBytes(100_000).toString('hex'));
        response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
        response.write(zipped.subarray(0, zipped.length / 2));
        return;
      }
      if (reply === 'hang-up') {
        request.socket.destroy();
        return;
      }
      const body = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body ?? {});
      response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers }).end(body);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `https://127.0.0.1:${port}`,
    ca: cert,
    asked,
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
