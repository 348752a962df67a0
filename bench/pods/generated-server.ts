import { fork } from 'node:child_process';

const SERVER = new URL('server.ts', import.meta.url).pathname;

/** Does something while a generated API server of so many nodes runs in a process of its own; clients find its authority in `BENCH_CA`. */
export async function withServer<T>(nodes: number, work: (url: string) => Promise<T>): Promise<T> {
  const server = fork(SERVER, [String(nodes)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  try {
    const { url, ca } = await new Promise<{ readonly url: string; readonly ca: string }>((done, fail) => {
      server.once('message', (message: { readonly url: string; readonly ca: string }) => done(message));
      server.once('exit', () => fail(new Error('The generated API server ended.')));
    });
    process.env.BENCH_CA = ca;
    return await work(url);
  } finally {
    server.kill();
  }
}
