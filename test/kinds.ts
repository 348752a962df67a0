import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Tests with real programs that not every machine has: a browser, Kubernetes, Prometheus, the Bicep compiler, `az`, an installed package. */
const REAL_PARTS = ['test/{browser,cluster,package,bicep,rehearsal,prometheus}/**/*.test.ts'];
/** Change the process that they run in: what they register or count there must not meet what other files leave. */
const ALONE = [
  'test/local/functions-host/**/*.test.ts',
  'test/telemetry/**/*.test.ts',
  'test/compose/container/{observed,telemetry}.test.ts',
  'test/storage/timers.test.ts',
];
/** Run whole audits with every fault or over the wire, wait by a real clock, or go through thousands of generated requests and findings. */
const LONG = [
  'test/faults/**/*.test.ts',
  'test/azure/budget/{enforced-budgets,fleet}.test.ts',
  'test/http/{bounds,fuzz,isolation}.test.ts',
  'test/kubernetes/probe/{canary,exec}-probe.test.ts',
  'test/local/estate/audit-over-the-wire.test.ts',
  'test/usecases/publish/{faults,local-mode,publish}.test.ts',
  'test/kubernetes/probe/probed-scan.test.ts',
];
/** Code that starts Azurite or a child process. */
const STARTS_A_PROCESS = /\bstartAzurite\b|'node:child_process'/;

/** The test files, by what they need. Paths are relative to the root of the project. */
export interface TestKinds {
  /** Need only this process. */
  readonly fast: string[];
  /** Start Azurite or child processes, or take long for another reason. */
  readonly long: string[];
  /** Need a process of their own besides. */
  readonly alone: string[];
  /** Need a program that not every machine has. */
  readonly real: string[];
}

/** Sorts the test files of a project by what they, or the files below `test/` that they import, start. */
export function testKinds(root: string): TestKinds {
  const real = globSync(REAL_PARTS, { cwd: root }).sort();
  const listed = globSync(LONG, { cwd: root });
  const alone = globSync(ALONE, { cwd: root }).sort();
  const others = globSync('test/**/*.test.ts', { cwd: root }).filter((file) => !real.includes(file) && !alone.includes(file));
  const memory = new Map<string, boolean>();
  const { long = [], fast = [] } = Object.groupBy(others.sort(), (file) =>
    listed.includes(file) || startsProcess(root, file, memory) ? 'long' : 'fast',
  );
  return { fast, long, alone, real };
}

function startsProcess(root: string, file: string, memory: Map<string, boolean>): boolean {
  const known = memory.get(file);
  if (known !== undefined) return known;
  // A file that is being examined counts as starting nothing, so that import cycles end.
  memory.set(file, false);
  const source = readFileSync(join(root, file), 'utf8');
  const imported = [...source.matchAll(/from '(\.[^']+\.ts)'/g)].map(([, specifier = '']) => join(dirname(file), specifier));
  const below = imported.filter((path) => path.startsWith('test/') && existsSync(join(root, path)));
  const starts = STARTS_A_PROCESS.test(source) || below.some((path) => startsProcess(root, path, memory));
  memory.set(file, starts);
  return starts;
}
