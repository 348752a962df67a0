import { defineConfig } from 'vitest/config';
import { testKinds } from './test/kinds.ts';

const { fast, long, real } = testKinds(import.meta.dirname);

export default defineConfig({
  test: {
    testTimeout: 90_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
    reporters: ['default'],
    projects: [
      // Files that need nothing but this process share it: starting a worker for each costs more than most of them take.
      { extends: true, test: { name: 'fast', include: fast, isolate: false } },
      { extends: true, test: { name: 'long', include: long } },
      { extends: true, test: { name: 'real', include: real } },
    ],
  },
});
