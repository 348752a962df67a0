import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const MAIN = resolve(ROOT, 'shared/cli/main.ts');

/** The output of a command, and its exit code. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A running command. */
export interface Running {
  readonly child: ChildProcess;
  /** Resolves when the output contains the text; rejects with the whole output when the command ends before. */
  until(text: string): Promise<string>;
  readonly ended: Promise<Ended>;
}

/** Starts `kataudit` like a user, without standard input. */
export function start(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Running {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  const listeners = new Set<() => void>();
  const heard = () => {
    for (const listener of listeners) listener();
  };
  child.stdout.on('data', (chunk) => {
    out += String(chunk);
    heard();
  });
  child.stderr.on('data', (chunk) => {
    err += String(chunk);
  });
  const ended = new Promise<Ended>((done) => {
    child.once('close', (code) => {
      done({ code, out, err });
      heard();
    });
  });
  return {
    child,
    ended,
    until: (text) =>
      new Promise((done, fail) => {
        const look = () => {
          const over = child.exitCode !== null || child.signalCode !== null;
          if (out.includes(text)) done(out);
          else if (over) fail(new Error(`The command ended before it said ${JSON.stringify(text)}:\n${out}\n${err}`));
          else return;
          listeners.delete(look);
        };
        listeners.add(look);
        look();
      }),
  };
}

/** Runs `kataudit` to its end. */
export function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return start(args, environment).ended;
}

/** Below the ports of outgoing connections, because another test could get such a port between the check and its use. */
const PORTS = [10_000, 32_000] as const;

/** A port that is free at this moment. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(...PORTS);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((done) => {
    server.once('error', () => done(false));
    server.listen(port, '127.0.0.1', () => server.close(() => done(true)));
  });
}
