import { matchesGlob, resolve } from 'node:path';
import { defineConfig } from 'vitest/config';
import { z } from 'zod';
import { testKinds } from '../kinds.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const globs = z.array(z.string()).parse(JSON.parse(process.env.MUTANTS_TESTS ?? '[]'));
/** Tests that read the sources would read the mutated sources here. */
const READS_SOURCES = 'test/{conformance/*,docs/generated.test.ts,kubernetes/wire/generate.test.ts}';
/** Quick as they are, but not with the marks that the faults leave in code which runs for each byte, pod, call or generated request. */
const TOO_SLOW_MARKED = [
  'test/azure/budget/fleet.test.ts',
  'test/http/{fuzz,fuzz-stored}.test.ts',
  'test/usecases/notification-flood.test.ts',
];
const isWanted = (file: string) =>
  ![READS_SOURCES, ...TOO_SLOW_MARKED].some((glob) => matchesGlob(file, glob)) &&
  (globs.length === 0 || globs.some((glob) => matchesGlob(file, glob)));

/** Long only beside hundreds of others: each of them ends in seconds. */
const ALSO = [
  'test/http/bounds.test.ts',
  'test/kubernetes/probe/canary-probe.test.ts',
  'test/kubernetes/probe/exec-probe.test.ts',
  'test/compose/container/observed.test.ts',
  'test/compose/container/telemetry.test.ts',
  'test/storage/timers.test.ts',
];

/**
 * Only quick tests count, because a developer must notice a fault immediately. A test that waits for ever fails by its own time limit: that of the
 * mutation tool costs a new process.
 */
export default defineConfig({
  root: ROOT,
  test: { include: [...testKinds(ROOT).fast, ...ALSO].filter(isWanted), testTimeout: 8_000, maxWorkers: 1 },
});
