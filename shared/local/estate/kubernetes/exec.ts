import type { IncomingMessage } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { WebSocket, WebSocketServer } from 'ws';
import type { Answer } from '../server/answer.ts';
import type { CommandResult } from './shell.ts';

/** What a container does when a command is run in it. */
export type ExecBehavior =
  | { readonly kind: 'runs'; readonly run: (command: readonly string[]) => CommandResult }
  /** The command writes nothing and never ends. */
  | { readonly kind: 'hangs' }
  /** The command never stops writing. */
  | { readonly kind: 'endless' };

/** Channels of the remote command protocol; its first byte names one. */
const [STDOUT, STDERR, ERROR] = [1, 2, 3];
/** Newest first. */
const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const ENDLESS_EVERY_MS = 5;

/** Serves `kubectl exec` over WebSocket, in the fifth and the fourth version of its protocol. */
export class ExecServer {
  readonly #sockets: WebSocketServer;

  private constructor(sockets: WebSocketServer) {
    this.#sockets = sockets;
  }

  /** Loads the WebSocket server; it supports every version of the protocol unless `spoken` restricts them, as on an older server. */
  static async create(spoken: readonly string[] = PROTOCOLS): Promise<ExecServer> {
    const ws = await import('ws');
    const handleProtocols = (offered: Set<string>) => spoken.find((protocol) => offered.has(protocol)) ?? false;
    return new ExecServer(new ws.WebSocketServer({ noServer: true, handleProtocols }));
  }

  /** Takes over a connection and runs the command. */
  accept(request: IncomingMessage, socket: Socket, head: Buffer, command: readonly string[], behavior: ExecBehavior): void {
    this.#sockets.handleUpgrade(request, socket, head, (client) => converse(client, command, behavior));
  }
}

/** Rejects a connection as an API server does before an upgrade, with an ordinary HTTP response. */
export function refuse(socket: Socket, { status, headers, body }: Answer): void {
  const lines = Object.entries({ ...headers, 'content-length': String(Buffer.byteLength(body)), connection: 'close' });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`,
  );
}

function converse(client: WebSocket, command: readonly string[], behavior: ExecBehavior): void {
  const say = (channel: number, text: string) => client.send(Buffer.concat([Buffer.from([channel]), Buffer.from(text)]));
  // A real server first sends an empty message, so that the client knows the command is running.
  say(STDOUT, '');
  switch (behavior.kind) {
    case 'hangs':
      return;
    case 'endless': {
      const timer = setInterval(() => say(STDOUT, 'and so on\n'.repeat(50)), ENDLESS_EVERY_MS);
      client.once('close', () => clearInterval(timer));
      return;
    }
    case 'runs': {
      const result = behavior.run(command);
      if (result !== 'no-such-tool') {
        if (result.stdout !== '') say(STDOUT, result.stdout);
        if (result.stderr !== '') say(STDERR, result.stderr);
      }
      say(ERROR, JSON.stringify({ metadata: {}, ...outcome(result, command[0] ?? '') }));
      client.close(1000);
    }
  }
}

/** The Status that ends a conversation, in the API server's words. */
function outcome(result: CommandResult, program: string) {
  if (result === 'no-such-tool') {
    const message =
      'Internal error occurred: error executing command in container: failed to exec in container: failed to start exec: OCI runtime exec ' +
      `failed: exec failed: unable to start container process: exec: "${program}": executable file not found in $PATH: unknown`;
    return { status: 'Failure', message, reason: 'InternalError', details: { causes: [{ message }] }, code: 500 };
  }
  if (result.exitCode === 0) return { status: 'Success' };
  return {
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${result.exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(result.exitCode) }] },
  };
}
