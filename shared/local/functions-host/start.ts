import { relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { QueueServiceClient } from '@azure/storage-queue';
import { adminRequests } from './admin.ts';
import { resolveSettings, setting } from './app-settings.ts';
import { collectFunctions, type RegisteredFunction, terminate } from './core-module.ts';
import { EVENT_GRID_PATH, eventGridWebhook } from './event-grid.ts';
import { type HostJson, parseHostJson } from './host-json.ts';
import type { HostRequest, HostResponse } from './http-exchange.ts';
import { listen } from './http-server.ts';
import { httpStream } from './http-stream.ts';
import { httpTriggers } from './http-triggers.ts';
import { type FunctionLog, triggerOf } from './invoke.ts';
import type { Keys } from './keys.ts';
import { listenToQueue, type QueueListener } from './queue-listener.ts';
import type { QueueSource } from './queue-source.ts';
import { refuseStrangers } from './same-machine.ts';
import { startTimers } from './timers.ts';

/** Options of the local host. */
export interface HostOptions {
  /** The folder to which file names in error messages are relative. */
  readonly root: string;
  /** Absolute paths of the files that register functions, compiled or not. */
  readonly files: readonly string[];
  /** 0 takes a free port. */
  readonly port: number;
  /** The app settings that bindings refer to. */
  readonly settings: Readonly<Record<string, string>>;
  /** The content of host.json. */
  readonly hostJson: unknown;
  readonly keys: Keys;
  /** A key of the app that is added to requests without one: every process on this machine gets its permissions. */
  readonly lentKey?: string;
  readonly log: FunctionLog;
  /** How long a queue message stays hidden if this process is killed while it handles it; ten minutes if absent, as in the real host. */
  readonly leaseSeconds?: number;
  /** The longest pause between two polls of a queue that stays empty, in milliseconds; `maxPollingInterval` of host.json when absent. */
  readonly longestPoll?: number;
  /** How long `stop` waits for running work, in milliseconds; 4,000 if absent. */
  readonly drainLimit?: number;
}

/** A running local host. */
export interface FunctionsHost {
  readonly url: string;
  readonly functions: readonly { readonly name: string; readonly trigger: string }[];
  /** Runs a timer now; rejects with its error. */
  runTimer(name: string): Promise<void>;
  /** Resolves when every queue that a function reads is empty and no message is being handled; rejects if storage cannot be read. */
  idle(): Promise<void>;
  /** Accepts no more work, waits for running work up to the drain limit, and releases the port; safe to repeat. */
  stop(): Promise<void>;
}

const KINDS = ['httpTrigger', 'timerTrigger', 'queueTrigger', 'eventGridTrigger'] as const;
type Kind = (typeof KINDS)[number];

/** The real host's limit on a body, and the setting that changes it. */
const BODY_LIMIT_SETTING = 'FUNCTIONS_REQUEST_BODY_SIZE_LIMIT';
const BODY_LIMIT = 104_857_600;
/** Observed with the real host: the message of a killed host became visible again after ten minutes. */
const REAL_LEASE_SECONDS = 600;
const IDLE_POLL_MS = 50;
/** Storage on the same machine answers immediately or not at all. */
const QUICK_RETRIES = { maxTries: 3, retryDelayInMs: 50, maxRetryDelayInMs: 200 };

/**
 * Runs an Azure Functions app on this machine, to try it out and for tests. It serves HTTP, timer, queue and Event Grid triggers in
 * one process, without the real host's scaling, leases across instances or time limits. It listens on loopback, and so does the
 * server that the library of an app that sets `enableHttpStream` opens.
 */
export async function startFunctionsHost(options: HostOptions): Promise<FunctionsHost> {
  const { settings, keys, log, drainLimit = 4_000 } = options;
  const hostJson = parseHostJson(options.hostJson);
  const loaded = await loadFunctions(options);
  const byKind = Map.groupBy(loaded, kindOf);
  const of = (kind: Kind) => byKind.get(kind) ?? [];
  const sources = await Promise.all(of('queueTrigger').map((called) => queueSource(called, options, hostJson)));
  const functions = await answerer(of('httpTrigger'), of('eventGridTrigger'), hostJson, keys, log);
  const timers = startTimers(of('timerTrigger'), settings, log);
  const admin = adminRequests(timers, keys, log);
  const answer = async (request: HostRequest) =>
    refuseStrangers(request) ?? admin(request) ?? functions(options.lentKey === undefined ? request : lend(request, options.lentKey));
  try {
    const server = await listen({ port: options.port, maxBody: Number(settings[BODY_LIMIT_SETTING] ?? BODY_LIMIT), answer, log });
    const listeners = sources.map(listenToQueue);
    let stopped: Promise<void> | undefined;
    const stop = async () => {
      const drained = Promise.all([server, timers, ...listeners].map((part) => part.stop()));
      if (!(await isWithin(drained, drainLimit))) {
        log(`warning: after ${drainLimit} ms some work is not finished and is abandoned.`);
        server.cut();
      }
      await terminate(log);
    };
    return {
      url: server.url,
      functions: loaded.map((called) => ({ name: called.name, trigger: kindOf(called) })),
      runTimer: timers.run,
      idle: () => idle(listeners, () => stopped !== undefined),
      stop: () => {
        stopped ??= stop();
        return stopped;
      },
    };
  } catch (error) {
    await timers.stop();
    throw error;
  }
}

function lend(request: HostRequest, key: string): HostRequest {
  return { ...request, headers: { 'x-functions-key': key, ...request.headers } };
}

async function loadFunctions({ files, root }: HostOptions): Promise<readonly RegisteredFunction[]> {
  if (files.length === 0) throw new Error(`There is no function file in ${root}.`);
  return collectFunctions(files, async (file) => {
    try {
      await import(pathToFileURL(file).href);
    } catch (cause) {
      // The real host refuses the whole app when one file cannot be loaded.
      throw new Error(`${relative(root, file)} cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  });
}

function kindOf(called: RegisteredFunction): Kind {
  const { type, bindingName } = triggerOf(called);
  const kind = KINDS.find((one) => one.toLowerCase() === type.toLowerCase());
  if (kind === undefined) throw new Error(`The function ${called.name} has a ${type}, which is not served locally.`);
  for (const [name, binding] of Object.entries(called.bindings)) {
    if (name === bindingName || (kind === 'httpTrigger' && binding.type.toLowerCase() === 'http')) continue;
    throw new Error(`The function ${called.name} has a binding of type ${binding.type}, which is not served locally.`);
  }
  return kind;
}

async function answerer(
  http: readonly RegisteredFunction[],
  eventGrid: readonly RegisteredFunction[],
  { extensions }: HostJson,
  keys: Keys,
  log: FunctionLog,
): Promise<(request: HostRequest) => Promise<HostResponse>> {
  const functions = httpTriggers(http, extensions.http.routePrefix, keys, log, await httpStream());
  const webhook = eventGridWebhook(eventGrid, keys, log);
  return async (request) => {
    if (request.url.pathname.toLowerCase() === EVENT_GRID_PATH.toLowerCase()) return webhook(request);
    return (await functions(request)) ?? { status: 404, headers: {} };
  };
}

/** The storage library is loaded only for apps that have a queue. */
async function queueSource(called: RegisteredFunction, options: HostOptions, hostJson: HostJson): Promise<QueueSource> {
  const { settings, leaseSeconds = REAL_LEASE_SECONDS, longestPoll, log } = options;
  const { queueName, connection } = triggerOf(called);
  const { text: name, missing } = resolveSettings(String(queueName), settings);
  if (missing !== undefined) throw new Error(`The function ${called.name} needs the setting ${missing}, which is not set.`);
  const connectionName = String(connection ?? 'AzureWebJobsStorage');
  const service = await queueService(setting(settings, connectionName, called.name), connectionName, called.name);
  const queue = service.getQueueClient(name);
  const poison = name.endsWith('-poison') ? undefined : service.getQueueClient(`${name}-poison`);
  const queues = hostJson.extensions.queues;
  return { called, queue, poison, options: queues, leaseSeconds, longestPoll: longestPoll ?? queues.maxPollingInterval, log };
}

/** The error does not repeat the text, because it contains a key. */
async function queueService(connectionString: string, settingName: string, functionName: string): Promise<QueueServiceClient> {
  const { QueueServiceClient } = await import('@azure/storage-queue');
  try {
    return QueueServiceClient.fromConnectionString(connectionString, { retryOptions: QUICK_RETRIES });
  } catch (cause) {
    throw new Error(`The function ${functionName} needs a connection string of Azure Storage in the setting ${settingName}.`, { cause });
  }
}

/** A function may fill a queue that was just checked, so two empty rounds without a taken message are required. */
async function idle(listeners: readonly QueueListener[], isStopped: () => boolean): Promise<void> {
  let emptyAt: number | undefined;
  for (;;) {
    if (isStopped()) throw new Error('The host was stopped before its queues were empty.');
    const before = taken(listeners);
    const empty = (await Promise.all(listeners.map((listener) => listener.isEmpty()))).every(Boolean);
    if (empty && emptyAt === before && taken(listeners) === before) return;
    emptyAt = empty ? before : undefined;
    await delay(IDLE_POLL_MS);
  }
}

function taken(listeners: readonly QueueListener[]): number {
  return listeners.reduce((sum, listener) => sum + listener.taken(), 0);
}

async function isWithin(work: Promise<unknown>, milliseconds: number): Promise<boolean> {
  const timer = new AbortController();
  try {
    return await Promise.race([work.then(() => true), delay(milliseconds, false, { signal: timer.signal })]);
  } finally {
    timer.abort();
  }
}
