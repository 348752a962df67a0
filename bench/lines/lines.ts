import { startServer } from '../pods/generated-server.ts';
import { measureRows, type Plan, wantedPlans } from '../pods/measure.ts';
import { onGenerated } from '../pods/pods.ts';
import type { BenchOptions, Report } from '../report.ts';

const SIZES = [10_000];

/** Rates apply to each direction of one connection. */
const LINES = [
  ['on loopback', ''],
  ['at 200 Mbit/s', '/mbit-200'],
  ['at 50 Mbit/s', '/mbit-50'],
] as const;

const PLANS: readonly Plan[] = [
  ...LINES.flatMap(([name, line]): Plan[] => [
    { name: `census ${name}, not compressed`, client: 'census', line: `${line}/gzip` },
    { name: `census ${name}, compressed`, client: 'census-gzip', line: `${line}/gzip` },
  ]),
  { name: 'census at 5 ms round trip', client: 'census', line: '/delay-5' },
  { name: 'census at 20 ms round trip', client: 'census', line: '/delay-20' },
];

/**
 * Measures Kataudit's census over connections of different latencies and rates, with and without compression. The server compresses
 * each answer anew, as Kubernetes does.
 */
export async function* measureLines({ sizes = SIZES, nodes, progress, ...options }: BenchOptions): AsyncGenerator<Report> {
  const server = await startServer(nodes);
  try {
    for (const pods of sizes) {
      const rows = await measureRows(wantedPlans(PLANS, options), onGenerated(server, pods), { ...options, progress });
      yield { title: `${pods.toLocaleString('en')} pods over connections of different rates`, rows, targets: [] };
    }
  } finally {
    server.stop();
  }
}
