import Module from 'node:module';

/** The module that the Functions host itself provides to apps; it is on no registry. */
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

/** One invocation as the programming model wants to hear of it. Source: azure-functions-nodejs-worker types-core/index.d.ts. */
export interface CoreInvocation {
  readonly invocationId: string;
  readonly request: {
    readonly invocationId: string;
    readonly functionId: string;
    readonly inputData: readonly { readonly name: string; readonly data: RpcTypedData }[];
    readonly triggerMetadata: Readonly<Record<string, RpcTypedData>>;
  };
  readonly metadata: { readonly name: string; readonly bindings: RegisteredFunction['bindings'] };
  readonly log: (level: string, category: string, message: string) => void;
}

/** What the programming model makes of an invocation. */
export interface InvocationModel {
  getArguments(): Promise<{ readonly context: unknown; readonly inputs: readonly unknown[] }>;
  invokeFunction(context: unknown, inputs: readonly unknown[], callback: RegisteredFunction['callback']): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<unknown>;
}

interface ProgrammingModel {
  readonly name: string;
  getInvocationModel(invocation: CoreInvocation): InvocationModel;
}

interface Registry {
  readonly functions: Map<string, RegisteredFunction>;
  open: boolean;
}

let registry: Registry | undefined;
let programmingModel: ProgrammingModel | undefined;
let isInstalled = false;

/**
 * Runs `load` and returns the functions that registered themselves meanwhile. The module is installed
 * before the first `app.…` call of the process, because the library looks for it once.
 */
export async function collectFunctions(load: () => Promise<void>): Promise<ReadonlyMap<string, RegisteredFunction>> {
  install();
  const own: Registry = { functions: new Map(), open: true };
  registry = own;
  try {
    await load();
  } finally {
    own.open = false;
  }
  return own.functions;
}

/** The programming model that the loaded functions set: the real one of `@azure/functions`. */
export function invocationModel(invocation: CoreInvocation): InvocationModel {
  if (programmingModel === undefined) throw new Error('No function was registered, so there is no programming model.');
  return programmingModel.getInvocationModel(invocation);
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
    // Nothing is held: a registration lasts as long as the process.
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
    if (registry?.open !== true) throw new Error('A function can only be registered during app startup.');
    if (registry.functions.has(name)) throw new Error(`A function with id "${name}" has already been registered.`);
    registry.functions.set(name, { name, bindings, callback });
    return new Disposable();
  },
  registerHook: () => new Disposable(),
  setProgrammingModel(model: ProgrammingModel): void {
    programmingModel = model;
  },
  getProgrammingModel: () => programmingModel,
  log: () => undefined,
};
