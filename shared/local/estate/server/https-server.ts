import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { createServer as createListener, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type Answer, json, type Question } from './answer.ts';
import type { CertificateAuthority } from './certificates.ts';
import { type Faults, spoil } from './fault-injection.ts';
import type { RequestLog } from './request-log.ts';

/** Behavior of one simulated server. */
export interface ServerOptions {
  /** `arm`, or the cluster's name. */
  readonly name: string;
  readonly answer: (question: Question) => Answer | Promise<Answer>;
  /** Handles a connection that requests another protocol; if absent, the connection is closed. */
  readonly upgrade?: (question: Question, request: IncomingMessage, socket: Socket, head: Buffer) => void;
  /** Added to every answer. */
  readonly latencyMs?: number | undefined;
}

/** A running simulated server. */
export interface RunningServer {
  readonly url: string;
  stop(): Promise<void>;
}

interface Listener extends RunningServer {
  readonly options: ServerOptions;
}

/** A real API server compresses answers from this size on. */
const GZIP_FROM_BYTES = 128 * 1024;
const MAX_REQUEST_BYTES = 1024 * 1024;
const compress = promisify(gzip);

/**
 * Any number of servers over TLS, each on a free port of loopback. They share one TLS server, which
 * identifies the server of a request by its port: thousands of clusters cost little more than their ports.
 */
export class TlsServers {
  readonly #https: Server;
  readonly #faults: Faults;
  readonly #log: RequestLog;
  readonly #listeners = new Map<number, Listener>();

  private constructor(https: Server, faults: Faults, log: RequestLog) {
    this.#https = https;
    this.#faults = faults;
    this.#log = log;
    https.keepAliveTimeout = 30_000;
    https.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.#serve(request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
    });
    https.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => this.#upgrade(request, socket, head));
  }

  /** Creates the shared TLS server; nothing listens yet. */
  static async create(authority: CertificateAuthority, faults: Faults, log: RequestLog): Promise<TlsServers> {
    const { certificate, key } = await authority.server();
    const https = createServer({ cert: certificate, key, ca: authority.caPem, requestCert: true, rejectUnauthorized: false });
    return new TlsServers(https, faults, log);
  }

  /** Starts a server on a free port. */
  async open(options: ServerOptions): Promise<RunningServer> {
    const sockets = new Set<Socket>();
    const listener = createListener((socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      this.#https.emit('connection', socket);
    });
    const port = await new Promise<number>((done, fail) => {
      listener.once('error', fail);
      listener.listen(0, '127.0.0.1', () => {
        const address = listener.address();
        if (typeof address === 'object' && address !== null) done(address.port);
        else fail(new Error('A simulated server has no port.'));
      });
    });
    const stop = () =>
      new Promise<void>((done) => {
        this.#listeners.delete(port);
        listener.close(() => done());
        for (const socket of sockets) socket.destroy();
      });
    const running = { url: `https://127.0.0.1:${port}`, options, stop };
    this.#listeners.set(port, running);
    return running;
  }

  /** Ends every server and connection. */
  async stop(): Promise<void> {
    await Promise.all([...this.#listeners.values()].map((listener) => listener.stop()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const listener = this.#listeners.get(request.socket.localPort ?? 0);
    if (listener === undefined) {
      response.destroy();
      return;
    }
    const { name, answer, latencyMs = 0 } = listener.options;
    const question = questionOf(listener, request, await readBody(request));
    const target = { server: name, method: question.method, path: question.url.pathname + question.url.search };
    const record = this.#log.begin(target);
    const fault = this.#faults.take(target);
    await pause(latencyMs + fault.latencyMs, request.socket);
    const isRefused = fault.action?.kind === 'status' && fault.action.isRefusal === true;
    const truth = isRefused ? json(500, {}) : await answer(question);
    const told = fault.action === undefined ? truth : spoil(fault.action, truth, response);
    if (told === undefined) return;
    record.status = told.status;
    await send(told, question, response);
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const listener = this.#listeners.get(request.socket.localPort ?? 0);
    if (listener?.options.upgrade === undefined) {
      socket.destroy();
      return;
    }
    const question = questionOf(listener, request, '');
    this.#log.begin({ server: listener.options.name, method: question.method, path: question.url.pathname + question.url.search });
    listener.options.upgrade(question, request, socket, head);
  }
}

async function send({ status, headers, body }: Answer, question: Question, response: ServerResponse): Promise<void> {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const zipped = bytes.length >= GZIP_FROM_BYTES && /\bgzip\b/.test(question.headers['accept-encoding'] ?? '');
  const sent = zipped ? await compress(bytes, { level: 1 }) : bytes;
  response.writeHead(status, { ...headers, ...(zipped ? { 'content-encoding': 'gzip' } : {}), 'content-length': String(sent.length) });
  response.end(sent);
}

function questionOf({ url }: RunningServer, request: IncomingMessage, body: string): Question {
  const { socket } = request;
  return {
    method: request.method ?? 'GET',
    url: new URL(request.url ?? '/', url),
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
    ),
    body,
    certificate: 'authorized' in socket && socket.authorized === true,
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_REQUEST_BYTES) throw new Error(`A request body exceeds ${MAX_REQUEST_BYTES} bytes.`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Waits; ends early if the client has disconnected. */
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
