import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startAzurite } from '../../local/azurite.ts';
import { defaultEstate } from '../../local/estate/default-estate.ts';
import { type Estate, parseEstate } from '../../local/estate/model.ts';
import { type EstateOptions, type RunningEstate, startEstate } from '../../local/estate/server.ts';
import { createStorage, type Storage, type StoragePatience } from '../../storage/storage.ts';
import { hostOf, type StartedHost, unexpectedEnd } from './host-child.ts';
import { localEnvironment } from './local-environment.ts';
import { makeOwnFolder, storageEndpoints, writeEstateFiles } from './local-files.ts';
import { type StartedParts, startedTogether } from './started-together.ts';

const SEED = 'kataudit';
/** Storage on this machine answers immediately or has ended; long retries would only delay the error. */
const LOCAL_PATIENCE: StoragePatience = { retries: 3, firstDelayMs: 100, longestDelayMs: 500, limitMs: 30_000 };
const HOST_FILE = resolve(import.meta.dirname, `../../local/host-process.${import.meta.filename.endsWith('.ts') ? 'ts' : 'js'}`);

/** How local mode is to run. */
export interface LocalOptions {
  readonly port: number;
  /** A file with an estate; by default, the built-in estate. */
  readonly estateFile?: string;
  /** A folder that keeps state between runs; by default, state is in memory. */
  readonly dataFolder?: string;
  readonly auth: boolean;
  readonly now: Date;
  /** An estate as a value instead of a file, for measurements. */
  readonly estate?: Estate;
  /** How the simulated servers behave. */
  readonly simulation?: EstateOptions;
  /** Settings in addition to those of local mode, for tests. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Aborts the start and ends everything that was started. */
  readonly abortSignal?: AbortSignal;
}

/** A running local mode. */
export interface LocalRun {
  readonly apiUrl: string;
  /** Absent when the API needs no key. */
  readonly key?: string;
  readonly kubeconfigFolder: string;
  readonly estate: RunningEstate;
  readonly storage: Storage;
  /** For tests that read the queues. */
  readonly storageConnectionString: string;
  /** Number of requests that the storage has answered. */
  readonly storageRequests: () => number;
  /** The process of the functions host, for measurements. */
  readonly hostPid: number;
  readonly ports: Readonly<Record<string, string>>;
  /** Starts an audit now, as its timer would; resolves when it is planned. */
  runAudit(): Promise<void>;
  /** Runs a timer's function now; resolves when it ends. */
  runTimer(name: string): Promise<void>;
  /** Rejects with one clear sentence when a child process ends unexpectedly. */
  readonly failure: Promise<never>;
  /** Ends every child process; safe to repeat. Rejects with one clear sentence when the state could not be saved. */
  stop(): Promise<void>;
}

/** How each part of local mode is started. */
export interface LocalStarters {
  readonly azurite: typeof startAzurite;
  readonly storage: (connectionString: string) => Storage;
  readonly estate: typeof startEstate;
  readonly host: (env: NodeJS.ProcessEnv) => Promise<StartedHost>;
}

const STARTERS: LocalStarters = {
  azurite: startAzurite,
  storage: (connectionString) => createStorage({ connectionString }, undefined, LOCAL_PATIENCE),
  estate: startEstate,
  // A process of its own: only there the estate's certificate can be trusted from the start.
  host: (env) => hostOf(fork(HOST_FILE, { env, stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] })),
};

/** Starts storage, the simulated estate and the functions host on this machine; leaves nothing running when it throws. */
export function startLocal(options: LocalOptions, starters = STARTERS): Promise<LocalRun> {
  return startedTogether((parts) => startAll(options, starters, parts));
}

async function startAll(options: LocalOptions, start: LocalStarters, { endings, stop, stopping }: StartedParts): Promise<LocalRun> {
  await assertFree(options.port);
  const estate = await loadEstate(options);
  const folder = await mkdtemp(join(tmpdir(), 'kataudit-'));
  endings.push(() => rm(folder, { recursive: true, force: true }));
  if (options.dataFolder !== undefined) await makeOwnFolder(options.dataFolder);
  options.abortSignal?.throwIfAborted();
  const azurite = await start.azurite(options.dataFolder === undefined ? {} : { location: options.dataFolder });
  const assertKept = () => {
    const problem = azurite.problem();
    if (problem !== undefined) throw new Error(problem);
  };
  endings.push(() => azurite.stop().then(assertKept));
  const storage = start.storage(azurite.connectionString);
  await storage.ensure();
  options.abortSignal?.throwIfAborted();
  const running = await start.estate(estate, options.simulation);
  endings.push(() => running.stop());
  const names = estate.subscriptions.flatMap(({ clusters }) => clusters).map(({ name }) => name);
  const caFile = await writeEstateFiles(folder, running, names);
  options.abortSignal?.throwIfAborted();
  const key = randomBytes(32).toString('base64url');
  const parts = { ...options, running, connectionString: azurite.connectionString, caFile, key };
  const host = await start.host(localEnvironment(parts, process.env));
  endings.push(host.stop);
  options.abortSignal?.throwIfAborted();
  return {
    apiUrl: `${host.url}/api`,
    ...(options.auth ? { key } : {}),
    kubeconfigFolder: folder,
    estate: running,
    storage,
    storageConnectionString: azurite.connectionString,
    storageRequests: azurite.requests,
    hostPid: host.pid,
    ports: { 'Azure Resource Manager (simulated)': running.armEndpoint, storage: storageEndpoints(azurite.connectionString) },
    runAudit: () => host.runTimer('plan-audit'),
    runTimer: host.runTimer,
    failure: Promise.race([
      host.failure,
      unexpectedEnd(azurite.exited.then(assertKept), 'Azurite (the local storage)', () => stopping.aborted),
    ]),
    stop,
  };
}

async function loadEstate({ estate, estateFile, now }: LocalOptions): Promise<Estate> {
  if (estate !== undefined) return estate;
  if (estateFile === undefined) return defaultEstate(SEED, now);
  let text: string;
  try {
    text = await readFile(estateFile, 'utf8');
  } catch (cause) {
    throw new Error(`The estate cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  return parseEstate(text, estateFile);
}

/** Fails with one sentence when another process listens on the port, before anything is started. */
async function assertFree(port: number): Promise<void> {
  await new Promise<void>((done, fail) => {
    const probe = createServer();
    probe.once('error', (cause) => {
      fail(new Error(`Port ${port} is taken, perhaps by another kataudit: stop it or choose another with --port.`, { cause }));
    });
    probe.listen(port, '127.0.0.1', () => probe.close(() => done()));
  });
}
