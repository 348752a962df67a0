import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { isIP, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Answer, Question } from './answer.ts';
import type { CertificateAuthority } from './certificates.ts';
import { type Faults, spoil } from './fault-injection.ts';
import type { RequestLog } from './request-log.ts';

/** How a simulated server is run. */
export interface HttpsServerOptions {
  /** `arm`, or the cluster's name. */
  readonly name: string;
  readonly authority: CertificateAuthority;
  readonly faults: Faults;
  readonly log: RequestLog;
  readonly answer: (question: Question) => Answer | Promise<Answer>;
  /** Added to every answer. */
  readonly latencyMs?: number;
  readonly onUpgrade?: (request: IncomingMessage, socket: Socket, head: Buffer, question: Question) => void;
}

/** A running simulated server. */
export interface HttpsServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** A real API server compresses answers from this size on. */
const GZIP_FROM_BYTES = 128 * 1024;
const MAX_REQUEST_BYTES = 1024 * 1024;
const compress = promisify(gzip);

/** Starts a server over TLS on a free port of loopback. */
export async function startHttpsServer(options: HttpsServerOptions): Promise<HttpsServer> {
  const { certificate, key } = await options.authority.server();
  const server = createServer({ cert: certificate, key, ca: options.authority.caPem, requestCert: true, rejectUnauthorized: false });
  server.keepAliveTimeout = 30_000;
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    serve(options, request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    if (options.onUpgrade === undefined) socket.destroy();
    else options.onUpgrade(request, socket, head, questionOf(request, ''));
  });
  return { url: `https://127.0.0.1:${await listen(server)}`, stop: () => stop(server) };
}

async function serve(options: HttpsServerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const question = questionOf(request, await readBody(request));
  const { name, faults, log } = options;
  const target = { server: name, method: question.method, path: question.url.pathname + question.url.search };
  const record = log.begin(target);
  const { latencyMs, action } = faults.take(target);
  await pause(latencyMs + (options.latencyMs ?? 0), request.socket);
  const truth = await options.answer(question);
  const answer = action === undefined ? truth : spoil(action, truth, response);
  if (answer === undefined) return;
  record.status = answer.status;
  await send(answer, question, response);
}

async function send({ status, headers, body }: Answer, question: Question, response: ServerResponse): Promise<void> {
  const bytes = Buffer.from(body);
  const zipped = bytes.length >= GZIP_FROM_BYTES && /\bgzip\b/.test(question.headers['accept-encoding'] ?? '');
  const sent = zipped ? await compress(bytes, { level: 1 }) : bytes;
  response.writeHead(status, { ...headers, ...(zipped ? { 'content-encoding': 'gzip' } : {}), 'content-length': String(sent.length) });
  response.end(sent);
}

function questionOf(request: IncomingMessage, body: string): Question {
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
  const host = headers.host ?? '127.0.0.1';
  const base = isIP(host.split(':')[0] ?? '') === 0 && !host.startsWith('localhost') ? '127.0.0.1' : host;
  return {
    method: request.method ?? 'GET',
    url: new URL(request.url ?? '/', `https://${base}`),
    headers,
    body,
    certificate: isAuthorized(request.socket),
  };
}

function isAuthorized(socket: Socket): boolean {
  return 'authorized' in socket && (socket as TLSSocket).authorized;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_REQUEST_BYTES) throw new Error(`A request body passed ${MAX_REQUEST_BYTES} bytes.`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Waits; ends early when the client is gone. */
function pause(ms: number, socket: Socket): Promise<void> {
  if (ms <= 0) return Promise.resolve();
  return new Promise((done) => {
    const finish = () => {
      clearTimeout(timer);
      socket.off('close', finish);
      done();
    };
    const timer = setTimeout(finish, ms);
    socket.once('close', finish);
  });
}

function listen(server: Server): Promise<number> {
  return new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      server.off('error', fail);
      const address = server.address();
      if (typeof address === 'object' && address !== null) done(address.port);
      else fail(new Error('The simulated server has no port.'));
    });
  });
}

function stop(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });
}
