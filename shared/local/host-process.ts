import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type FunctionsHost, startFunctionsHost } from './functions-host/start.ts';

/**
 * The child process that runs the local functions host; started with an IPC channel, configured only by its environment, like the
 * host in the cloud. Ends when its parent ends.
 */
const EXTENSION = import.meta.filename.endsWith('.ts') ? 'ts' : 'js';
const LONGEST_POLL_MS = 500;
const ROOT = resolve(import.meta.dirname, '../..');

/** Messages from the parent to the host. */
export type HostCommand = { readonly command: 'run-timer'; readonly name: string } | { readonly command: 'stop' };

/** Messages from the host to its parent. */
export type HostReport =
  | { readonly report: 'ready'; readonly url: string; readonly functions: readonly string[] }
  | { readonly report: 'timer-ran'; readonly name: string }
  | { readonly report: 'failed'; readonly message: string };

function tell(report: HostReport): void {
  process.send?.(report);
}

async function start(): Promise<FunctionsHost> {
  const settings = Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  const { LOCAL_KEY: key, LOCAL_NO_AUTH: noAuth, LOCAL_LEASE_SECONDS: leaseSeconds = '30' } = process.env;
  const packageRoot = EXTENSION === 'ts' ? ROOT : resolve(ROOT, '..');
  return startFunctionsHost({
    root: ROOT,
    files: globSync(`functions/*.${EXTENSION}`, { cwd: ROOT }).map((file) => join(ROOT, file)),
    port: Number(process.env.LOCAL_PORT),
    settings,
    hostJson: JSON.parse(readFileSync(join(packageRoot, 'host.json'), 'utf8')),
    // Shorter than the real host's ten minutes and ten seconds, because a person is waiting.
    leaseSeconds: Number(leaseSeconds),
    longestPoll: LONGEST_POLL_MS,
    keys: key === undefined || noAuth === '1' ? 'no-auth' : { function: key, master: key },
    ...(key === undefined || noAuth !== '1' ? {} : { lentKey: key }),
    log: (line) => {
      if (process.env.LOCAL_VERBOSE === '1') console.error(line);
    },
  });
}

function fail(error: unknown): void {
  tell({ report: 'failed', message: error instanceof Error ? error.message : String(error) });
}

async function obey(host: FunctionsHost, { command, ...rest }: HostCommand): Promise<void> {
  if (command === 'stop') {
    await host.stop();
    process.disconnect();
  } else if ('name' in rest) {
    await host.runTimer(rest.name);
    tell({ report: 'timer-ran', name: rest.name });
  }
}

process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => undefined);

try {
  const host = await start();
  process.on('message', (message: HostCommand) => {
    obey(host, message).catch(fail);
  });
  tell({ report: 'ready', url: host.url, functions: host.functions.map(({ name }) => name) });
} catch (error) {
  fail(error);
  process.disconnect();
}
