import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';
import { testKinds } from '../kinds.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** Only the tests that end in seconds count: what notices a fault must be near whoever makes it. */
export default defineConfig({
  root: ROOT,
  test: { include: testKinds(ROOT).fast, testTimeout: 30_000, maxWorkers: 1 },
});
