import type { IncomingMessage } from 'node:http';
import type { KubeConfig } from '@kubernetes/client-node';
import type { WebSocketInterface } from '@kubernetes/client-node/dist/web-socket-handler.js';
import { WebSocket } from 'ws';
import { Fault } from '../../domain/snapshot/fault.ts';
import { parseStatus } from '../wire/list-page.ts';
import { oneLine } from '../wire/one-line.ts';

/**
 * Subprotocols of `kubectl exec`, newest first. Source: kubernetes/kubernetes
 * staging/src/k8s.io/apimachinery/pkg/util/remotecommand/constants.go.
 */
const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
/** The first byte of each message is its channel; 255 is v5's "this stream is closed", which is not needed here. */
const CLOSE_CHANNEL = 255;
const MAX_MESSAGE = 64 * 1024;
const HANDSHAKE_MS = 10_000;

/** A WebSocket for the Kubernetes client's exec whose waits have a time limit and which can be closed at any time. */
export interface ExecSocket extends WebSocketInterface {
  /** Closes the connection at once, open or not; safe to call twice. */
  cut(): void;
  /** Resolves when the connection is closed, by either side. */
  readonly ended: Promise<void>;
}

/** Creates the connection of one exec call. */
export function execSocket(kubeConfig: KubeConfig): ExecSocket {
  let socket: WebSocket | undefined;
  let isCut = false;
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  return {
    ended,
    cut: () => {
      isCut = true;
      socket?.terminate();
    },
    connect: async (path, _, onMessage) => {
      const server = kubeConfig.getCurrentCluster()?.server;
      if (server === undefined) throw new Fault('malformed', 'The kubeconfig has no cluster.');
      const options = { handshakeTimeout: HANDSHAKE_MS, maxPayload: MAX_MESSAGE, followRedirects: false };
      await kubeConfig.applyToHTTPSOptions(options);
      if (isCut) throw new Fault('timed-out', 'The probe ended before it began.');
      const opened = new WebSocket(`${server.replace(/^http/, 'ws').replace(/\/$/, '')}${path}`, PROTOCOLS, options);
      socket = opened;
      opened.on('close', () => end());
      opened.on('message', (data) => {
        if (Buffer.isBuffer(data) && !take(data, onMessage)) opened.close();
      });
      return untilOpen(opened);
    },
  };
}

/** Passes a message on; an invalid message closes the connection instead of crashing the process. */
function take(data: Buffer, onMessage: ((channel: number, data: Buffer) => boolean) | null): boolean {
  const channel = data[0];
  if (channel === undefined || channel === CLOSE_CHANNEL) return true;
  try {
    return onMessage?.(channel, data.subarray(1)) ?? true;
  } catch {
    // The client throws on an unknown channel and on a status that is not JSON, which are errors of the server.
    return false;
  }
}

function untilOpen(socket: WebSocket): Promise<WebSocket> {
  return new Promise((done, fail) => {
    socket.once('open', () => done(socket));
    socket.once('unexpected-response', (request, response) => {
      wordsOf(response).then((said) => {
        fail(refused(response.statusCode ?? 0, said));
        request.destroy();
      }, fail);
    });
    socket.on('error', (cause) => fail(new Fault('unreachable', `The API server cannot be reached for exec: ${cause.message}`, { cause })));
  });
}

/** Returns the server's message in a refusal: the reason of an admission policy, or the missing right. */
async function wordsOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response) {
      size += chunk.length;
      if (size > MAX_MESSAGE) break;
      chunks.push(chunk);
    }
  } catch {
    // The HTTP status is enough when the body cannot be read.
    return '';
  }
  return oneLine(parseStatus(Buffer.concat(chunks))?.message ?? '');
}

function refused(status: number, said: string): Fault {
  const words = said === '' ? '' : ` The API server said: ${said}.`;
  if (status === 401) return new Fault('unauthenticated', 'The API server does not accept the token for exec.');
  if (status === 403) return new Fault('denied', `The probe may not exec: the identity needs \`create\` on \`pods/exec\`.${words}`);
  if (status === 422) return new Fault('denied', `An admission policy refused the exec (422).${words}`);
  if (status === 404) return new Fault('not-found', 'The pod no longer exists.');
  if (status === 429) return new Fault('throttled', 'The API server is too busy for exec.');
  return new Fault(status >= 500 ? 'unreachable' : 'unsupported', `The API server answered exec with status ${status}.${words}`);
}
