import { clusterId, scanner } from '../pods/whole-scan.ts';
import { processStatusMiB } from '../process-status.ts';

/* A worker that scans for a long time: `scans.ts URL SCANS`. Prints its memory repeatedly, as one line of JSON each time. */

/** The number of concurrent scans that the host gives one instance: `batchSize` and `newBatchThreshold` of host.json. */
const AT_ONCE = 6;
/** The number in the process that was measured in the real host. */
const CLUSTERS = 18;
/** Number of memory measurements; the first is taken when everything is loaded and compiled. */
const LOOKS = 10;

const [url = '', told = ''] = process.argv.slice(2);
const collect = globalThis.gc;
if (collect === undefined) throw new Error('Start this with --expose-gc.');
const scan = await scanner(url);
const scans = Number(told);
let begun = 0;
for (let look = 1; look <= LOOKS; look++) {
  const until = Math.round((scans * look) / LOOKS);
  await Promise.all(Array.from({ length: AT_ONCE }, () => scanUntil(until)));
  const { rss, heapTotal } = process.memoryUsage();
  const filesMiB = processStatusMiB('RssFile') ?? 0;
  // Two collections, because finalizers may hold objects after the first one.
  collect();
  await new Promise(setImmediate);
  collect();
  const { heapUsed, external } = process.memoryUsage();
  const [rssMiB, heapMiB, liveMiB] = [rss / 1_048_576, heapTotal / 1_048_576, (heapUsed + external) / 1_048_576];
  process.stdout.write(`${JSON.stringify({ scans: until, rssMiB, filesMiB, heapMiB, liveMiB })}\n`);
}
process.exit(0);

async function scanUntil(until: number): Promise<void> {
  while (begun < until) await scan(clusterId(begun++ % CLUSTERS));
}
