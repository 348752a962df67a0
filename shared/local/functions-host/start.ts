import { relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { resolveSettings, setting } from './app-settings.ts';
import { collectFunctions, type RegisteredFunction } from './core-module.ts';
import { EVENT_GRID_PATH, eventGridWebhook } from './event-grid.ts';
import { type HostJson, parseHostJson } from './host-json.ts';
import { listen } from './http-server.ts';
import { type HostRequest, type HostResponse, httpTriggers } from './http-triggers.ts';
import { type FunctionLog, triggerOf } from './invoke.ts';
import type { Keys } from './keys.ts';
import { listenToQueue, type QueueSource } from './queue-listener.ts';
import { startTimers } from './timers.ts';

/** What the local host is to run. */
export interface HostOptions {
  /** The folder that error messages name files from. */
  readonly root: string;
  /** Files that register functions, built or unbuilt; absolute paths. */
  readonly files: readonly string[];
  /** 0 takes a free port. */
  readonly port: number;
  /** The app settings that bindings name. */
  readonly settings: Readonly<Record<string, string>>;
  /** The content of host.json. */
  readonly hostJson: unknown;
  readonly keys: Keys;
  readonly log: FunctionLog;
}

/** A running local host. */
export interface FunctionsHost {
  readonly url: string;
  readonly functions: readonly { readonly name: string; readonly trigger: string }[];
  /** Runs a timer now; rejects with what it threw. */
  runTimer(name: string): Promise<void>;
  /** Takes no more work, waits for what is in hand, and lets go of the port; harmless twice. */
  stop(): Promise<void>;
}

const KINDS = ['httpTrigger', 'timerTrigger', 'queueTrigger', 'eventGridTrigger'] as const;
type Kind = (typeof KINDS)[number];

/**
 * Runs an Azure Functions app on this machine, for trying it out and for tests: it serves HTTP, timer,
 * queue and Event Grid triggers of one process, and has none of the real host's scaling, leases across
 * instances or time limits.
 */
export async function startFunctionsHost(options: HostOptions): Promise<FunctionsHost> {
  const { settings, keys, log } = options;
  const hostJson = parseHostJson(options.hostJson);
  const loaded = [...(await collectFunctions(() => loadFiles(options))).values()];
  const byKind = Map.groupBy(loaded, kindOf);
  const of = (kind: Kind) => byKind.get(kind) ?? [];
  const sources = await Promise.all(of('queueTrigger').map((called) => queueSource(called, settings)));
  const timers = startTimers(of('timerTrigger'), settings, log);
  const endings: (() => Promise<void>)[] = [async () => timers.stop()];
  try {
    const answer = answerer(of('httpTrigger'), of('eventGridTrigger'), hostJson, keys, log);
    const server = await listen(options.port, answer, log);
    endings.push(server.stop);
    for (const source of sources) endings.push(listenToQueue(source, hostJson.extensions.queues, log).stop);
    return {
      url: server.url,
      functions: loaded.map((called) => ({ name: called.name, trigger: kindOf(called) })),
      runTimer: timers.run,
      stop: () => endAll(endings),
    };
  } catch (error) {
    await endAll(endings);
    throw error;
  }
}

async function loadFiles({ files, root }: HostOptions): Promise<void> {
  if (files.length === 0) throw new Error(`There is no function file in ${root}.`);
  for (const file of files) {
    try {
      await import(pathToFileURL(file).href);
    } catch (cause) {
      // The real host refuses the whole app when one file cannot be loaded.
      throw new Error(`${relative(root, file)} cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
  }
}

function kindOf(called: RegisteredFunction): Kind {
  const { type } = triggerOf(called);
  const kind = KINDS.find((one) => one.toLowerCase() === type.toLowerCase());
  if (kind === undefined) throw new Error(`The function ${called.name} has a ${type}, which is not served locally.`);
  return kind;
}

function answerer(
  http: readonly RegisteredFunction[],
  eventGrid: readonly RegisteredFunction[],
  { extensions }: HostJson,
  keys: Keys,
  log: FunctionLog,
): (request: HostRequest) => Promise<HostResponse> {
  const functions = httpTriggers(http, extensions.http.routePrefix, keys, log);
  const webhook = eventGridWebhook(eventGrid, keys, log);
  return async (request) => {
    if (request.url.pathname.toLowerCase() === EVENT_GRID_PATH.toLowerCase()) return webhook(request);
    return (await functions(request)) ?? { status: 404, headers: {} };
  };
}

/** The storage library is loaded only for apps that have a queue. */
async function queueSource(called: RegisteredFunction, settings: Readonly<Record<string, string>>): Promise<QueueSource> {
  const { queueName, connection } = triggerOf(called);
  const { QueueServiceClient } = await import('@azure/storage-queue');
  const service = QueueServiceClient.fromConnectionString(setting(settings, String(connection ?? 'AzureWebJobsStorage'), called.name));
  const name = resolveSettings(String(queueName), settings, called.name);
  return { called, queue: service.getQueueClient(name), poison: service.getQueueClient(`${name}-poison`) };
}

async function endAll(endings: (() => Promise<void>)[]): Promise<void> {
  await Promise.all(endings.splice(0).map((end) => end()));
}
