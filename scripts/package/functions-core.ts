import { Module } from 'node:module';

/** Replaces the core module of the Functions worker as far as loading functions needs it, and reports the registered functions. */
export function provideFunctionsCore(registered: (name: string) => void): void {
  const core = {
    version: '0.0.0',
    hostVersion: '4.0.0',
    registerFunction: ({ name }: { readonly name: string }) => {
      registered(name);
      return { dispose: () => undefined };
    },
    registerHook: () => ({ dispose: () => undefined }),
    setProgrammingModel: () => undefined,
    getProgrammingModel: () => undefined,
    log: () => undefined,
    Disposable: Object,
  };
  const load = Module.prototype.require;
  Module.prototype.require = Object.assign(function require(this: Module, id: string) {
    return id === '@azure/functions-core' ? core : load.call(this, id);
  }, load);
}
