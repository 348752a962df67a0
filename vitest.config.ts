import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { testKinds } from './test/kinds.ts';
import LongFirst from './test/support/long-first.ts';

const { fast, long, alone, real } = testKinds(import.meta.dirname);

// Workers and the processes that tests start read compiled modules from here instead of compiling them each anew.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/node-compile');

export default defineConfig({
  test: {
    testTimeout: 90_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
    reporters: ['default'],
    sequence: { sequencer: LongFirst },
    projects: [
      // Files share a process: starting a worker for each, with all its modules, costs more than most of them take.
      { extends: true, test: { name: 'fast', include: fast, isolate: false } },
      { extends: true, test: { name: 'long', include: long, isolate: false } },
      { extends: true, test: { name: 'alone', include: alone } },
      { extends: true, test: { name: 'real', include: real } },
    ],
  },
});
