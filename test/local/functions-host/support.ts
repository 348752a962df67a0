import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { type FunctionsHost, type HostOptions, startFunctionsHost } from '../../../shared/local/functions-host/start.ts';

/** The keys that the tests call with. */
export const KEYS = { function: 'function-key', master: 'master-key', system: 'system-key' };

/** A host that runs fixtures, with its log. */
export interface TestHost extends FunctionsHost {
  readonly lines: readonly string[];
  /** Resolves with the n-th log line that contains the text. */
  line(text: string, nth?: number): Promise<string>;
}

/** Starts a host for fixtures on a free port. */
export async function startFixtures(names: readonly string[], options: Partial<HostOptions> = {}): Promise<TestHost> {
  const lines: string[] = [];
  const listeners = new Set<() => void>();
  const host = await startFunctionsHost({
    root: import.meta.dirname,
    files: names.map((name) => join(import.meta.dirname, `fixtures/${name}.ts`)),
    port: 0,
    settings: {},
    hostJson: {},
    keys: KEYS,
    leaseSeconds: 30,
    longestPoll: 500,
    log: (line) => {
      lines.push(line);
      for (const listener of listeners) listener();
    },
    ...options,
  });
  const line = (text: string, nth = 1) =>
    new Promise<string>((done) => {
      const look = () => {
        const found = lines.filter((one) => one.includes(text))[nth - 1];
        if (found === undefined) return;
        listeners.delete(look);
        done(found);
      };
      listeners.add(look);
      look();
    });
  return { ...host, lines, line };
}

/** A server that answers only when the test says so; a fixture that calls it runs until then. */
export interface Gate {
  readonly url: string;
  /** Resolves after so many requests. */
  asked(count: number): Promise<void>;
  /** Answers all waiting and all later requests. */
  open(): void;
  /** The number of requests so far. */
  readonly count: () => number;
  stop(): Promise<void>;
}

/** Starts a closed gate. */
export async function startGate(): Promise<Gate> {
  const waiting: ServerResponse[] = [];
  const listeners = new Set<() => void>();
  let isOpen = false;
  let count = 0;
  const server = createServer((_, response) => {
    count += 1;
    if (isOpen) response.end('through');
    else waiting.push(response);
    for (const listener of listeners) listener();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The gate has no port.');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    count: () => count,
    asked: (wanted) =>
      new Promise((done) => {
        const look = () => {
          if (count < wanted) return;
          listeners.delete(look);
          done();
        };
        listeners.add(look);
        look();
      }),
    open: () => {
      isOpen = true;
      for (const response of waiting.splice(0)) response.end('through');
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
