import { get } from 'node:https';
import { startAzurite } from '../../shared/local/azurite.ts';
import type { BenchOptions, Report } from '../report.ts';
import { buildProgram } from './built-program.ts';
import { type GeneratedServer, startServer } from './generated-server.ts';
import { measureRows, type Plan, type Where, wantedPlans } from './measure.ts';
import { AUDIT, CLIENT_NODE, FEW_PODS, FLOOR, KUBECTL, medianOf, OURS, targetsOf } from './targets.ts';

const SIZES = [FEW_PODS, 10_000, 100_000, 300_000];

const PLANS: readonly Plan[] = [
  { name: OURS, client: 'census' },
  { name: 'sample of nodes (ours)', client: 'sample' },
  { name: AUDIT, client: 'audit' },
  { name: 'whole scan: census, nodes, rules, store', client: 'scan' },
  { name: FLOOR, client: 'drain-stream' },
  { name: 'census by pages (ours)', client: 'census-pages' },
  { name: 'floor: drain the protobuf pages', client: 'drain-pages' },
  { name: 'floor: drain the JSON pages', client: 'drain-json' },
  { name: 'fetch + JSON.parse, limit=500', client: 'fetch' },
  { name: CLIENT_NODE, client: 'client-node-paged' },
  { name: '@kubernetes/client-node, unpaged', client: 'client-node-unpaged' },
  { name: KUBECTL, client: 'kubectl' },
];

/** Measures Kataudit's census of pods in comparison with other readers, on a generated API server. */
export async function* measurePods({ sizes = SIZES, nodes, progress, ...options }: BenchOptions): AsyncGenerator<Report> {
  const [storage, program, server] = await Promise.all([startAzurite(), buildProgram(), startServer(nodes)]);
  try {
    let basePeak: number | undefined;
    for (const pods of sizes) {
      const where = { ...onGenerated(server, pods), program: program.path };
      const plans = wantedPlans(PLANS, options).map((plan) => ({ ...plan, environment: { BENCH_STORAGE: storage.connectionString } }));
      const rows = await measureRows(plans, where, { ...options, progress });
      if (pods === FEW_PODS) basePeak = medianOf(rows, AUDIT, 'peakRssMiB');
      const title = `${pods.toLocaleString('en')} pods, ${nodes.toLocaleString('en')} nodes`;
      yield { title, rows, targets: targetsOf(rows, pods, basePeak) };
    }
  } finally {
    server.stop();
    await Promise.all([program.remove(), storage.stop()]);
  }
}

/** A generated API server with a number of pods; callers that run programs add their paths. */
export function onGenerated(server: GeneratedServer, pods: number): Where {
  return {
    url: `${server.url}/pods-${pods}`,
    ca: server.ca,
    token: undefined,
    pods,
    program: '',
    kubectl: 'kubectl',
    served: () => sentMebibytes(server),
  };
}

/** What a generated API server has sent since the last call. */
async function sentMebibytes({ url, ca }: GeneratedServer): Promise<{ readonly mebibytes: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const asked = get(`${url}/bytes`, { ca }, (response) => {
    let told = '';
    response.setEncoding('utf8');
    response.on('data', (text: string) => {
      told += text;
    });
    response.on('end', () => resolve(Number(told)));
  });
  asked.on('error', reject);
  return { mebibytes: (await promise) / 1_048_576 };
}
