import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Fault } from '../../domain/snapshot/fault.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ClusterAccess } from './access.ts';
import { type Connected, Connections } from './connections.ts';
import type { Credentials } from './credentials.ts';
import { type Body, BodyBuffers, Refused, readBody, streamBody } from './http-body.ts';
import { networkFault } from './network-fault.ts';

/** An answer with its whole body, which was compressed on the way or not. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Body;
}

/** One API server over kept-alive HTTP/1.1 connections; HTTP/2's default windows make long lists slow. */
export interface HttpClient {
  /** Throws `Fault` when no whole answer came; what the status means is the caller's to say. */
  get(path: string, accept: string, abortSignal: AbortSignal): Promise<Answer>;
  /**
   * Gives an answer's bytes as they arrive, unpacked, and resolves to `undefined` after the last of them. An answer that is no
   * protobuf with status 200 is read whole instead. What `take` throws ends the request and is thrown on.
   */
  stream(path: string, abortSignal: AbortSignal, take: (chunk: Buffer) => void): Promise<Answer | undefined>;
  /** The shortest wait for a first byte so far, which is close to the round trip; `undefined` before the first answer. */
  readonly roundTripMs: number | undefined;
  /** Ends the connections; harmless twice. */
  close(): void;
}

/** What the requests of one client keep to. */
export interface HttpOptions {
  readonly clock: Clock;
  /** Bytes of one answer, unpacked. */
  readonly maxBody: number;
  /** Silence on a connection, from the request on, after which it is given up. */
  readonly silenceMs: number;
  /** Whether the server may compress; absent, it may where the line is long. */
  readonly gzip?: boolean;
}

const PROTOBUF = 'application/vnd.kubernetes.protobuf';
/**
 * A wait for a first byte that is longer than any inside a region. Compressing triples the CPU that a long list costs the API server, and pays
 * for itself only where the line is slow (docs/scale.md).
 */
const LONG_LINE_MS = 5;

/** Opens the connections of one API server; nothing is sent yet. */
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
      // A token may end in the middle of a long list: it is renewed once.
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
    // What a new connection takes before it can carry the request is several round trips.
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

/** Looks twice as often as the time is long; a timer that each piece of an answer winds up again would cost more than the piece. */
function leaveWhenSilent(request: ClientRequest, silenceMs: number, host: string): void {
  const fault = new Fault('timed-out', `The API server ${host} said nothing for ${silenceMs / 1000} s.`);
  const seen: number[] = [];
  let answering: IncomingMessage | undefined;
  request.once('response', (response) => {
    answering = response;
  });
  const timer = setInterval(() => {
    seen.unshift(request.socket?.bytesRead ?? 0);
    if (seen.length > 2 && seen[0] === seen[2]) (answering ?? request).destroy(fault);
  }, silenceMs / 2);
  request.once('close', () => clearInterval(timer));
}

/** Node sends a list of values as one line each. */
function listed(headers: Credentials['headers']): Record<string, string | string[]> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]));
}
