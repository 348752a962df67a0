import Module from 'node:module';
import { Server } from 'node:net';

/** The module that the Functions host itself provides to apps; it is not on npm. */
const CORE = '@azure/functions-core';

/** One binding of a function as the programming model declares it. */
export interface Binding {
  readonly type: string;
  readonly direction: string;
  readonly [property: string]: unknown;
}

/** A function as it registered itself. */
export interface RegisteredFunction {
  readonly name: string;
  readonly bindings: Readonly<Record<string, Binding>>;
  readonly callback: (...inputs: readonly unknown[]) => unknown;
}

/** The form in which the host and a function exchange values. Source: azure-functions-language-worker-protobuf FunctionRpc.proto. */
export interface RpcTypedData {
  readonly string?: string;
  readonly json?: string;
  readonly bytes?: Uint8Array;
  readonly http?: Readonly<Record<string, unknown>>;
}

/** One invocation in the form that the programming model expects. Source: azure-functions-nodejs-worker types-core/index.d.ts. */
export interface CoreInvocation {
  readonly invocationId: string;
  readonly request: {
    readonly invocationId: string;
    readonly functionId: string;
    readonly inputData: readonly { readonly name: string; readonly data: RpcTypedData }[];
    readonly triggerMetadata: Readonly<Record<string, RpcTypedData>>;
    /** Trace context of the host's own span around the invocation, in the W3C format. */
    readonly traceContext: { readonly traceParent: string };
  };
  readonly metadata: { readonly name: string; readonly bindings: RegisteredFunction['bindings'] };
  readonly log: (level: string, category: string, message: string) => void;
}

/** The programming model's result of an invocation. */
export interface InvocationModel {
  getArguments(): Promise<{ readonly context: unknown; readonly inputs: readonly unknown[] }>;
  invokeFunction(context: unknown, inputs: readonly unknown[], callback: RegisteredFunction['callback']): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<unknown>;
}

interface ProgrammingModel {
  readonly name: string;
  getInvocationModel(invocation: CoreInvocation): InvocationModel;
  getCapabilities?(capabilities: Record<string, string>): Promise<Readonly<Record<string, string>>>;
}

let registering: Map<string, RegisteredFunction> | undefined;
let programmingModel: ProgrammingModel | undefined;
let capabilities: Promise<Readonly<Record<string, string>>> | undefined;
let isInstalled = false;
const atTheEnd = new Set<(context: unknown) => unknown>();
let turn: Promise<unknown> = Promise.resolve();
/** A file registers only once in a process, so its functions are kept for later hosts. */
const byFile = new Map<string, readonly RegisteredFunction[]>();

/**
 * Loads files and returns the functions that they register. The module is installed before the first `app.…` call of the process,
 * because the library searches for it only once.
 */
export function collectFunctions(
  files: readonly string[],
  load: (file: string) => Promise<unknown>,
): Promise<readonly RegisteredFunction[]> {
  install();
  const collected = turn.then(async () => {
    const all = new Map<string, RegisteredFunction>();
    for (const file of files) {
      for (const one of await functionsOf(file, load)) {
        if (all.has(one.name)) throw new Error(`Two files register a function named ${one.name}; the second is ${file}.`);
        all.set(one.name, one);
      }
    }
    return [...all.values()];
  });
  // One collection at a time; the result of the previous one does not matter.
  turn = collected.catch(() => undefined);
  return collected;
}

async function functionsOf(file: string, load: (file: string) => Promise<unknown>): Promise<readonly RegisteredFunction[]> {
  const known = byFile.get(file);
  if (known !== undefined) return known;
  const own = new Map<string, RegisteredFunction>();
  registering = own;
  try {
    await load(file);
  } finally {
    registering = undefined;
  }
  const functions = [...own.values()];
  byFile.set(file, functions);
  return functions;
}

/** The programming model that the loaded functions set: the real one of `@azure/functions`. */
export function invocationModel(invocation: CoreInvocation): InvocationModel {
  if (programmingModel === undefined) throw new Error('No function was registered, so there is no programming model.');
  return programmingModel.getInvocationModel(invocation);
}

/** The address that requests are forwarded to if the app streams HTTP. The query opens that server, so it is made only once. */
export async function httpStreamAddress(): Promise<string | undefined> {
  capabilities ??= onLoopback(() => programmingModel?.getCapabilities?.({}));
  const address = (await capabilities)?.HttpUri;
  return address?.replace('//localhost:', '//127.0.0.1:');
}

/**
 * The library's server names no host, which would open it to the network, so servers that it starts in the meantime listen on
 * loopback.
 */
function onLoopback<T>(start: () => T): T {
  const original = Server.prototype.listen;
  Server.prototype.listen = Object.assign(function listen(this: Server, ...given: readonly unknown[]): unknown {
    const done = given.find((one) => typeof one === 'function');
    return Reflect.apply(original, this, [{ port: given.find((one) => typeof one === 'number') ?? 0, host: '127.0.0.1' }, done]);
  }, original);
  try {
    return start();
  } finally {
    Server.prototype.listen = original;
  }
}

/** Runs the app's termination hooks; a failed hook does not stop the others. */
export async function terminate(log: (line: string) => void): Promise<void> {
  const ended = await Promise.allSettled([...atTheEnd].map(async (callback) => callback({})));
  for (const one of ended) if (one.status === 'rejected') log(`error at the end of the app: ${String(one.reason)}`);
}

function install(): void {
  if (isInstalled) return;
  isInstalled = true;
  const original = Module.prototype.require;
  Module.prototype.require = Object.assign(function require(this: Module, id: string): unknown {
    return id === CORE ? core : Reflect.apply(original, this, [id]);
  }, original);
}

class Disposable {
  dispose(): void {
    // There is nothing to release: a registration lasts as long as the process.
  }
}

const core = {
  version: '4.0.0',
  hostVersion: '4.0.0',
  Disposable,
  registerFunction(
    { name, bindings }: Pick<RegisteredFunction, 'name' | 'bindings'>,
    callback: RegisteredFunction['callback'],
  ): Disposable {
    if (registering === undefined) throw new Error('A function can only be registered during app startup.');
    if (registering.has(name)) throw new Error(`A function with id "${name}" has already been registered.`);
    registering.set(name, { name, bindings, callback });
    return new Disposable();
  },
  registerHook(name: string, callback: (context: unknown) => unknown): Disposable {
    if (name === 'appTerminate') atTheEnd.add(callback);
    return new Disposable();
  },
  setProgrammingModel(model: ProgrammingModel): void {
    programmingModel = model;
  },
  getProgrammingModel: () => programmingModel,
  log: () => undefined,
};
