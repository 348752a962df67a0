import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Fault } from '../../domain/snapshot/fault.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ClusterAccess } from './access.ts';
import { type Connected, Connections } from './connections.ts';
import type { Credentials } from './credentials.ts';
import { type Body, BodyBuffers, Refused, readBody, streamBody } from './http-body.ts';
import { networkFault } from './network-fault.ts';

/** A response with its whole body, decompressed. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Body;
}

/** Client of one API server over keep-alive HTTP/1.1 connections; HTTP/2's default windows make long lists slow. */
export interface HttpClient {
  /** Throws a `Fault` if no complete response arrived; the caller interprets the status. */
  get(path: string, accept: string, abortSignal: AbortSignal): Promise<Answer>;
  /**
   * Passes decompressed bytes to `take` as they arrive, and resolves to `undefined` after the last. A response that is not protobuf with
   * status 200 is read whole and returned instead. An error thrown by `take` ends the request and is rethrown.
   */
  stream(path: string, abortSignal: AbortSignal, take: (chunk: Buffer) => void): Promise<Answer | undefined>;
  /** The shortest time to first byte so far, which approximates the round trip; `undefined` before the first response. */
  readonly roundTripMs: number | undefined;
  /** Closes the connections; safe to call twice. */
  close(): void;
}

/** Limits of the requests of one client. */
export interface HttpOptions {
  readonly clock: Clock;
  /** Maximum bytes of one decompressed response. */
  readonly maxBody: number;
  /** Milliseconds without data, from the request on, after which a request is aborted. */
  readonly silenceMs: number;
  /** Whether the server may compress; if absent, it may on a slow connection. */
  readonly gzip?: boolean;
}

const PROTOBUF = 'application/vnd.kubernetes.protobuf';
/**
 * A time to first byte longer than any inside a region. Compression triples the CPU that a long list costs the API server, and is worth
 * it only on a slow connection (docs/scale.md).
 */
const LONG_LINE_MS = 5;

/** Opens a client of one API server; nothing is sent yet. */
export function httpClient(access: ClusterAccess, options: HttpOptions): HttpClient {
  return new Session(access, options);
}

class Session implements HttpClient {
  readonly #server: string;
  readonly #options: HttpOptions;
  readonly #connections: Connections;
  readonly #buffers = new BodyBuffers();
  #roundTripMs: number | undefined;

  constructor(access: ClusterAccess, options: HttpOptions) {
    this.#server = access.server;
    this.#options = options;
    this.#connections = new Connections(access, options.clock);
  }

  get roundTripMs(): number | undefined {
    return this.#roundTripMs;
  }

  get(path: string, accept: string, abortSignal: AbortSignal): Promise<Answer> {
    return this.#ask(path, accept, abortSignal, (response) => this.#whole(response));
  }

  stream(path: string, abortSignal: AbortSignal, take: (chunk: Buffer) => void): Promise<Answer | undefined> {
    return this.#ask(path, PROTOBUF, abortSignal, async (response) => {
      const isList = response.statusCode === 200 && response.headers['content-type']?.startsWith(PROTOBUF) === true;
      if (!isList) return this.#whole(response);
      await streamBody(response, take);
      return undefined;
    });
  }

  close(): void {
    this.#connections.close();
  }

  async #ask<T>(path: string, accept: string, abortSignal: AbortSignal, read: (response: IncomingMessage) => Promise<T>): Promise<T> {
    const url = new URL(`${this.#server}${path}`);
    try {
      const connected = await this.#connections.connect(undefined, abortSignal);
      const first = await this.#send(url, accept, connected, abortSignal);
      if (first.statusCode !== 401) return await read(first);
      // A token may expire in the middle of a long list: it is renewed once.
      (await this.#whole(first)).body.release();
      return await read(await this.#send(url, accept, await this.#connections.connect(connected, abortSignal), abortSignal));
    } catch (error) {
      if (error instanceof Refused) throw error.cause;
      throw networkFault(error, url, abortSignal);
    }
  }

  async #whole(response: IncomingMessage): Promise<Answer> {
    const body = await readBody(response, this.#options.maxBody, this.#buffers);
    return { status: response.statusCode ?? 0, headers: response.headers, body };
  }

  #send(url: URL, accept: string, { credentials, agent }: Connected, signal: AbortSignal): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const mayPack = this.#options.gzip ?? (this.#roundTripMs ?? Number.POSITIVE_INFINITY) > LONG_LINE_MS;
    const encoding = mayPack ? 'gzip' : 'identity';
    const headers = { ...listed(credentials.headers), accept, 'accept-encoding': encoding, 'user-agent': 'kataudit' };
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, { agent, headers, signal });
    leaveWhenSilent(request, this.#options.silenceMs, url.host);
    let sent = this.#options.clock().getTime();
    // A new connection needs several round trips before it can carry the request.
    request.on('finish', () => {
      sent = this.#options.clock().getTime();
    });
    request.on('error', reject);
    request.on('response', (response) => {
      const waited = this.#options.clock().getTime() - sent;
      this.#roundTripMs = Math.min(waited, this.#roundTripMs ?? waited);
      resolve(response);
    });
    request.end();
    return promise;
  }
}

/** Checks twice per interval; a timer restarted for each chunk would cost more than the chunk. */
function leaveWhenSilent(request: ClientRequest, silenceMs: number, host: string): void {
  const fault = new Fault('timed-out', `The API server ${host} sent nothing for ${silenceMs / 1000} s.`);
  const seen: number[] = [];
  let answering: IncomingMessage | undefined;
  request.once('response', (response) => {
    answering = response;
  });
  const timer = setInterval(() => {
    seen.unshift(request.socket?.bytesRead ?? 0);
    if (seen[0] === seen[2]) (answering ?? request).destroy(fault);
  }, silenceMs / 2);
  request.once('close', () => clearInterval(timer));
}

/** Node sends an array of values as one header line each. */
function listed(headers: Credentials['headers']): Record<string, string | string[]> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]));
}
