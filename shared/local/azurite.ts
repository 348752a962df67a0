import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import type { AzuriteReport } from './azurite-process.ts';

const EXTENSION = import.meta.filename.endsWith('.ts') ? 'ts' : 'js';
const PROCESS_FILE = resolve(import.meta.dirname, `azurite-process.${EXTENSION}`);
const START_MS = 30_000;
/** The account under which a folder keeps its state; the emulator's default key is public and not used. */
const ACCOUNT = 'devstoreaccount1';
const SERVICES = ['Blob', 'Queue', 'Table'] as const;

/** A running storage emulator on free ports of loopback. */
export interface Azurite {
  readonly connectionString: string;
  /** Resolves when the process has ended for any reason. */
  readonly exited: Promise<void>;
  /** Why it could not save its state, as one clear sentence; `undefined` without a failure. */
  readonly problem: () => string | undefined;
  /** For tests that kill it. */
  readonly pid: number;
  /** Number of requests that it has answered. */
  readonly requests: () => number;
  /** Stops the emulator; safe to repeat. */
  stop(): Promise<void>;
}

/** Starts Azurite: in memory, or keeping its state in a folder. Rejects with its output when it does not start. */
export async function startAzurite({ location }: { readonly location?: string } = {}): Promise<Azurite> {
  assertInstalled();
  const where = location === undefined ? ['--inMemoryPersistence'] : ['--location', location];
  const ports = SERVICES.flatMap((service) => [`--${service.toLowerCase()}Port`, '0']);
  const args = [...where, ...ports, '--skipApiVersionCheck', '--disableTelemetry'];
  const key = randomBytes(64).toString('base64');
  // Source: github.com/Azure/Azurite, README, Customized Storage Accounts & Keys.
  const env = { ...process.env, AZURITE_ACCOUNTS: `${ACCOUNT}:${key}` };
  const child = fork(PROCESS_FILE, args, { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: [] });
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  let problem: string | undefined;
  child.on('message', (report: AzuriteReport) => {
    problem ??= `The local storage cannot keep its state in ${location}: ${report.problem}`;
  });
  let requests = 0;
  child.stdout?.on('data', (chunk: Buffer) => {
    // One line per request: `127.0.0.1 - - [date] "METHOD path HTTP/1.1" status -`.
    requests += String(chunk).split(' HTTP/1.1" ').length - 1;
  });
  try {
    const endpoints = await addresses(child, exited);
    return {
      connectionString: connectionString(endpoints, key),
      exited,
      problem: () => problem,
      pid: child.pid ?? 0,
      requests: () => requests,
      stop: () => stop(child, exited),
    };
  } catch (error) {
    await stop(child, exited);
    throw error;
  }
}

/** The published package does not include Azurite, because only local mode needs it. */
function assertInstalled(): void {
  try {
    createRequire(import.meta.url).resolve('azurite/package.json');
  } catch (cause) {
    const how = 'install it where kataudit is installed: `npm install azurite`, with --global for a global one';
    throw new Error(`Local mode stores its data in Azurite, which is not installed: ${how}.`, { cause });
  }
}

function connectionString(endpoints: ReadonlyMap<string, string>, key: string): string {
  const parts = SERVICES.map((service) => `${service}Endpoint=${endpoints.get(service)}/${ACCOUNT}`);
  return [`DefaultEndpointsProtocol=http`, `AccountName=${ACCOUNT}`, `AccountKey=${key}`, ...parts].join(';');
}

/** Azurite prints where each of its services listens; the output after that is discarded. */
function addresses(child: ChildProcess, exited: Promise<void>): Promise<ReadonlyMap<string, string>> {
  let said = '';
  const found = new Map<string, string>();
  return new Promise((done, fail) => {
    const late = setTimeout(() => fail(new Error(`Azurite did not start within ${START_MS / 1000} s:\n${said}`)), START_MS);
    const listen = (chunk: unknown) => {
      if (found.size === SERVICES.length) return;
      said += String(chunk);
      for (const [, service = '', address = ''] of said.matchAll(
        /Azurite (\w+) service (?:is )?successfully listen(?:ing|s) (?:at|on) (\S+)/g,
      )) {
        found.set(service, address);
      }
      if (found.size < SERVICES.length) return;
      clearTimeout(late);
      done(found);
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    exited.then(() => {
      clearTimeout(late);
      fail(new Error(`Azurite ended before it was ready:\n${said}`));
    }, fail);
  });
}

async function stop(child: ChildProcess, exited: Promise<void>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const force = setTimeout(() => child.kill('SIGKILL'), 5_000);
  child.kill('SIGTERM');
  await exited;
  clearTimeout(force);
}
