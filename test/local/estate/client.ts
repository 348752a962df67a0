import { Agent, request } from 'node:https';
import type { RunningEstate } from '../../../shared/local/estate/server.ts';

/** The answer of a simulated server. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  json<T = unknown>(): T;
}

/** The options of a request. */
export interface Ask {
  readonly method?: string;
  /** `undefined` sends the estate's own; `null` sends none. */
  readonly token?: string | null;
  readonly accept?: string;
  readonly body?: unknown;
  readonly certificate?: { readonly cert: string; readonly key: string };
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
}

const agent = new Agent({ keepAlive: false });

/** Sends a request to one of an estate's servers, and trusts only its authority. */
export function ask(running: RunningEstate, url: string, options: Ask = {}): Promise<Reply> {
  const { method = 'GET', token = running.token, accept, body, certificate, signal, headers } = options;
  return new Promise((done, fail) => {
    const sent = request(
      url,
      {
        method,
        agent,
        ca: running.caPem,
        ...certificate,
        ...(signal === undefined ? {} : { signal }),
        headers: {
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(accept === undefined ? {} : { accept }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          const whole = Buffer.concat(chunks);
          done({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: whole,
            json: () => JSON.parse(whole.toString('utf8')),
          });
        });
      },
    );
    sent.on('error', fail);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** The cluster and user in a kubeconfig of the estate. */
export function readKubeconfig(text: string) {
  const field = (name: string) => new RegExp(`${name}: (.+)`).exec(text)?.[1] ?? '';
  const decoded = (name: string) => Buffer.from(field(name), 'base64').toString('utf8');
  return {
    server: field('server'),
    ca: decoded('certificate-authority-data'),
    certificate: { cert: decoded('client-certificate-data'), key: decoded('client-key-data') },
  };
}
