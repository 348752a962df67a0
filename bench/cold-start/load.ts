import { Module } from 'node:module';
import { pathToFileURL } from 'node:url';

/**
 * The child process of the cold start bench: loads the files that it is given, as the Functions
 * worker would, and prints the milliseconds that took. Nothing else is loaded before.
 */
const core = {
  version: '0.0.0',
  hostVersion: '4.0.0',
  registerFunction: () => ({ dispose: () => undefined }),
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

const started = performance.now();
for (const file of process.argv.slice(2)) await import(pathToFileURL(file).href);
process.stdout.write(String(performance.now() - started));
