import { fork } from 'node:child_process';

const SERVER = new URL('server.ts', import.meta.url).pathname;

/** A generated API server that runs in a process of its own. */
export interface GeneratedServer {
  readonly url: string;
  /** Its certificate authority, PEM. */
  readonly ca: string;
  readonly stop: () => void;
}

/** Starts a generated API server with this number of nodes. */
export async function startServer(nodes: number): Promise<GeneratedServer> {
  const server = fork(SERVER, [String(nodes)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const { url, ca } = await new Promise<{ readonly url: string; readonly ca: string }>((done, fail) => {
    server.once('message', (message: { readonly url: string; readonly ca: string }) => done(message));
    server.once('exit', () => fail(new Error('The generated API server ended.')));
  });
  // It ends with the process that started it, and does not keep that process alive after a failure.
  server.unref();
  server.channel?.unref();
  return { url, ca, stop: () => server.kill() };
}
