import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startAzurite } from '../../shared/local/azurite.ts';
import { benchEnvironment } from '../pods/access.ts';
import { startServer } from '../pods/generated-server.ts';
import type { BenchOptions, Report } from '../report.ts';

const SCANS = 1_000;
const PODS = 2_000;
const NODES = 100;
const WORKER = new URL('scans.ts', import.meta.url).pathname;
/** The arguments that the template gives to the worker on instances of 512 MB (infra/app/function-app.bicep). */
const FLAGS = ['--max-semi-space-size=1', '--max-old-space-size=192'];
/** The value that the template sets for every instance. */
const ENVIRONMENT = { MALLOC_ARENA_MAX: '2' };
const RUN_MS = 3_600_000;
/** Memory is level if it ends at most this much above its value after the warm-up. */
const LEVEL_MIB = 16;

interface Look {
  readonly scans: number;
  readonly rssMiB: number;
  /** Parts of it: the program's own files, and V8's heap. */
  readonly filesMiB: number;
  readonly heapMiB: number;
  readonly liveMiB: number;
}

/** Scans again and again in one process, as a worker of the app does for days, and measures its memory. */
export async function* measureSoak({ scans = SCANS, progress }: BenchOptions): AsyncGenerator<Report> {
  const [storage, server] = await Promise.all([startAzurite(), startServer(NODES)]);
  try {
    const args = ['--expose-gc', ...FLAGS, WORKER, `${server.url}/pods-${PODS}`, String(scans)];
    const env = {
      ...process.env,
      ...ENVIRONMENT,
      ...benchEnvironment({ ca: server.ca, token: undefined }),
      BENCH_STORAGE: storage.connectionString,
    };
    const run = promisify(execFile)(process.execPath, args, { timeout: RUN_MS, maxBuffer: 1_048_576, env });
    run.child.stdout?.on('data', (line: string) => progress(line.trim()));
    const lines = (await run).stdout.trim().split('\n');
    yield reportOf(lines.map((line): Look => JSON.parse(line)));
  } finally {
    server.stop();
    await storage.stop();
  }
}

function reportOf(looks: readonly Look[]): Report {
  const [warm, last] = [looks[0], looks.at(-1)];
  if (warm === undefined || last === undefined) throw new Error('The worker reported nothing.');
  const grown = last.liveMiB - warm.liveMiB;
  const risen = Math.max(...looks.slice(-3).map(({ rssMiB }) => rssMiB)) - warm.rssMiB;
  const course = looks.map(({ rssMiB }) => rssMiB.toFixed(0)).join(', ');
  const native = (look: Look) => (look.rssMiB - look.filesMiB - look.heapMiB).toFixed(0);
  const parts = `V8's heap from ${warm.heapMiB.toFixed(0)} to ${last.heapMiB.toFixed(0)}, native memory from ${native(warm)} to ${native(last)}`;
  return {
    title: `${last.scans.toLocaleString('en')} scans of ${PODS.toLocaleString('en')} pods in one worker, six at once, with ${FLAGS.join(' ')}`,
    rows: [],
    targets: [
      {
        goal: 'live heap ≤ 2 MiB above that of the warm worker',
        measured: `${grown.toFixed(2)} of ${last.liveMiB.toFixed(1)} MiB`,
        isReached: grown <= 2,
      },
      {
        goal: `resident memory level (≤ ${LEVEL_MIB} MiB above the warm worker)`,
        measured: `${risen.toFixed(0)} MiB; ${course}; ${parts}`,
        isReached: risen <= LEVEL_MIB,
      },
    ],
  };
}
