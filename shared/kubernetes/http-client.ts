import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { Fault } from '../domain/fault.ts';
import type { ClusterAccess } from './access.ts';

/** An answer with its whole body. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** From the request to the head of the answer, and to its end. */
  readonly waitedMs: number;
  readonly tookMs: number;
}

/** One API server over kept-alive HTTP/1.1 connections; HTTP/2's default windows make long lists slow. */
export interface HttpClient {
  get(path: string, accept: string, abortSignal: AbortSignal): Promise<Answer>;
  close(): void;
}

/** Two connections: a list, and the small reads beside it. */
const CONNECTIONS = 2;

/** Opens the connections of one API server; nothing is sent yet. `maxBody` bounds one answer in bytes. */
export function httpClient(access: ClusterAccess, maxBody: number): HttpClient {
  const isTls = access.server.startsWith('https:');
  const options = { keepAlive: true, maxSockets: CONNECTIONS };
  const agent = isTls ? new HttpsAgent(options) : new HttpAgent(options);
  const get = async (path: string, accept: string, abortSignal: AbortSignal, renew: boolean): Promise<Answer> => {
    const { tls, headers } = await access.credentials(renew);
    const url = new URL(`${access.server}${path}`);
    const send = isTls ? httpsRequest : httpRequest;
    const begun = performance.now();
    return new Promise((done, fail) => {
      const request = send(
        url,
        { ...(isTls ? tls : {}), agent, headers: { ...headers, accept, 'user-agent': 'kataudit' }, signal: abortSignal },
        (response) => {
          const waitedMs = performance.now() - begun;
          readBody(response, maxBody).then(
            (body) =>
              done({ status: response.statusCode ?? 0, headers: response.headers, body, waitedMs, tookMs: performance.now() - begun }),
            (error: unknown) => fail(networkFault(error, url, abortSignal)),
          );
        },
      );
      request.on('error', (error) => fail(networkFault(error, url, abortSignal)));
      request.end();
    });
  };
  return {
    get: async (path, accept, abortSignal) => {
      const first = await get(path, accept, abortSignal, false);
      // A token may end in the middle of a long list: it is renewed once.
      return first.status === 401 ? get(path, accept, abortSignal, true) : first;
    },
    close: () => agent.destroy(),
  };
}

async function readBody(response: IncomingMessage, maxBody: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += chunk.length;
    if (size > maxBody) {
      response.destroy();
      throw new Fault('too-large', `The API server sent more than ${Math.round(maxBody / 1_048_576)} MiB in one answer.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

const TLS_CODES = /CERT|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL|DEPTH_ZERO/;

function networkFault(error: unknown, url: URL, abortSignal: AbortSignal): Fault {
  if (error instanceof Fault) return error;
  const because = { cause: error };
  if (abortSignal.aborted) return new Fault('timed-out', `The API server ${url.host} did not answer in time.`, because);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const detail = error instanceof Error ? error.message : String(error);
  if (TLS_CODES.test(code))
    return new Fault('unreachable', `The certificate of the API server ${url.host} is not trusted: ${detail}.`, because);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return new Fault('unreachable', `The name ${url.hostname} cannot be resolved.`, because);
  if (code === 'ECONNRESET' || detail === 'aborted')
    return new Fault('unreachable', `The API server ${url.host} cut the answer off.`, because);
  return new Fault('unreachable', `The API server ${url.host} cannot be reached: ${code === '' ? detail : code}.`, because);
}
