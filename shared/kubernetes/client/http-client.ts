import { type ClientRequest, type Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Fault } from '../../domain/snapshot/fault.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ClusterAccess } from './access.ts';
import { keptAliveAgent } from './agent.ts';
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
/** Two connections: a list, and the small reads beside it. */
const CONNECTIONS = 2;
/** Credentials are asked for again after this long, so that a long read does not outlive its token. */
const CREDENTIALS_MS = 60_000;

/** Opens the connections of one API server; nothing is sent yet. */
export function httpClient(access: ClusterAccess, options: HttpOptions): HttpClient {
  const session = new Session(access, options);
  return {
    get: async (path, accept, abortSignal) => {
      const first = await session.get(path, accept, abortSignal, false);
      if (first.status !== 401) return first;
      // A token may end in the middle of a long list: it is renewed once.
      first.body.release();
      return session.get(path, accept, abortSignal, true);
    },
    stream: async (path, abortSignal, take) => {
      const first = await session.stream(path, abortSignal, false, take);
      if (first?.status !== 401) return first;
      first.body.release();
      return session.stream(path, abortSignal, true, take);
    },
    get roundTripMs() {
      return session.roundTripMs;
    },
    close: () => session.close(),
  };
}

interface Held {
  readonly credentials: Credentials;
  readonly agent: HttpAgent;
  readonly until: number;
}

class Session {
  readonly #access: ClusterAccess;
  readonly #options: HttpOptions;
  readonly #buffers = new BodyBuffers();
  #held: Held | undefined;
  #roundTripMs: number | undefined;

  constructor(access: ClusterAccess, options: HttpOptions) {
    this.#access = access;
    this.#options = options;
  }

  get roundTripMs(): number | undefined {
    return this.#roundTripMs;
  }

  get(path: string, accept: string, abortSignal: AbortSignal, renew: boolean): Promise<Answer> {
    return this.#ask(path, accept, abortSignal, renew, (response) => this.#whole(response));
  }

  stream(path: string, abortSignal: AbortSignal, renew: boolean, take: (chunk: Buffer) => void): Promise<Answer | undefined> {
    return this.#ask(path, PROTOBUF, abortSignal, renew, async (response) => {
      const isList = response.statusCode === 200 && response.headers['content-type']?.startsWith(PROTOBUF) === true;
      if (!isList) return this.#whole(response);
      await streamBody(response, take);
      return undefined;
    });
  }

  async #ask<T>(
    path: string,
    accept: string,
    abortSignal: AbortSignal,
    renew: boolean,
    read: (response: IncomingMessage) => Promise<T>,
  ): Promise<T> {
    const url = new URL(`${this.#access.server}${path}`);
    try {
      const { credentials, agent } = await this.#current(renew, abortSignal);
      const mayPack = this.#options.gzip ?? (this.#roundTripMs ?? Number.POSITIVE_INFINITY) > LONG_LINE_MS;
      const encoding = mayPack ? 'gzip' : 'identity';
      const headers = { ...listed(credentials.headers), accept, 'accept-encoding': encoding, 'user-agent': 'kataudit' };
      return await read(await this.#send(url, { agent, headers, signal: abortSignal }));
    } catch (error) {
      if (error instanceof Refused) throw error.cause;
      throw networkFault(error, url, abortSignal);
    }
  }

  async #whole(response: IncomingMessage): Promise<Answer> {
    const body = await readBody(response, this.#options.maxBody, this.#buffers);
    return { status: response.statusCode ?? 0, headers: response.headers, body };
  }

  close(): void {
    this.#held?.agent.destroy();
  }

  #send(url: URL, options: Parameters<typeof httpsRequest>[1]): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const begun = this.#options.clock().getTime();
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options);
    leaveWhenSilent(request, this.#options.silenceMs, url.host);
    request.on('error', reject);
    request.on('response', (response) => {
      const waited = this.#options.clock().getTime() - begun;
      this.#roundTripMs = Math.min(waited, this.#roundTripMs ?? waited);
      resolve(response);
    });
    request.end();
    return promise;
  }

  async #current(renew: boolean, abortSignal: AbortSignal): Promise<Held> {
    const now = this.#options.clock().getTime();
    if (this.#held !== undefined && !renew && now < this.#held.until) return this.#held;
    const credentials = await this.#access.credentials(renew, abortSignal);
    const before = this.#held;
    const isSame = before !== undefined && isSameTls(before.credentials, credentials);
    this.#held = { credentials, agent: isSame ? before.agent : this.#agentFor(credentials), until: now + CREDENTIALS_MS };
    if (!isSame) before?.agent.destroy();
    return this.#held;
  }

  #agentFor({ tls, agent }: Credentials): HttpAgent {
    if (agent !== undefined) return agent;
    return keptAliveAgent(this.#access.server.startsWith('https:'), { ...tls, maxSockets: CONNECTIONS });
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

function isSameTls(before: Credentials, now: Credentials): boolean {
  return before.agent === now.agent && JSON.stringify(before.tls) === JSON.stringify(now.tls);
}

/** Node sends a list of values as one line each. */
function listed(headers: Credentials['headers']): Record<string, string | string[]> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]));
}
