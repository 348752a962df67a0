import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type ControlPlane, startControlPlane, until } from '../../test/cluster/support/control-plane.ts';
import { absentPrograms, program } from '../../test/cluster/support/programs.ts';
import { buildProgram } from '../pods/built-program.ts';
import { measureRows, type Plan, type Where, wantedPlans } from '../pods/measure.ts';
import { AUDIT, goal, MANY_PODS, medianOf } from '../pods/targets.ts';
import type { BenchOptions, Report, Row, Target } from '../report.ts';
import { objectsToSeed, seed } from './seed.ts';
import { targetedPlans } from './targeted.ts';

const SIZES = [20_000];
const EMPTY = 'kataudit audit before the cluster had pods: start-up, nodes, classes';
const STREAMED = 'drain of one streamed list';
const PLANS: readonly Plan[] = [
  { name: AUDIT, client: 'audit' },
  { name: 'kataudit audit, compressed', client: 'audit', environment: { KATAUDIT_GZIP: 'on' } },
  { name: STREAMED, client: 'drain-stream' },
  { name: 'drain of pages of 500', client: 'drain-pages' },
  { name: '@kubernetes/client-node, limit=500', client: 'client-node-paged' },
  { name: 'kubectl get pods -A -o json', client: 'kubectl' },
];
const SEED_MS = 600_000;
/** Clock ticks per second in /proc/<pid>/stat; 100 on every usual Linux. */
const TICKS_PER_SECOND = 100;

/** Measures `kataudit audit` on a real Kubernetes API server, next to other programs that read its pods. */
export async function* measureCluster({ sizes = SIZES, nodes, progress, ...options }: BenchOptions): AsyncGenerator<Report> {
  const absent = absentPrograms(['etcd', 'kube-apiserver', 'kubectl']);
  if (absent.length > 0) {
    progress(`Kubernetes itself is not measured: the folder of KUBEBUILDER_ASSETS does not contain ${absent.join(', ')}.`);
    return;
  }
  const built = await buildProgram();
  try {
    for (const pods of sizes) yield await measureSize(pods, nodes, built.path, { ...options, progress });
  } finally {
    await built.remove();
  }
}

/** Each size has its own control plane, so that garbage from one list in the API server's memory does not affect the next. */
async function measureSize(wanted: number, nodes: number, path: string, options: Omit<BenchOptions, 'sizes' | 'nodes'>): Promise<Report> {
  const { progress } = options;
  const plane = await startControlPlane({ controllers: false });
  try {
    const objects = objectsToSeed(nodes, wanted);
    for (const plural of ['namespaces', 'nodes', 'runtimeclasses'] as const) await seed(plane.etcd, plural, objects[plural]);
    const before = await measureRows([{ name: EMPTY, client: 'audit' }], whereOf(plane, 0, path), options);
    await seed(plane.etcd, 'pods', objects.pods);
    const pods = objects.pods.length;
    await until(`the API server to know ${pods} pods`, async () => (await countPods(plane)) === pods, SEED_MS);
    progress(`${pods} pods are seeded`);
    const measured = await measureRows(wantedPlans([...PLANS, ...targetedPlans(objects)], options), whereOf(plane, pods, path), options);
    const rows = [...measured, ...before];
    const title = `Kubernetes itself: ${pods.toLocaleString('en')} pods, ${objects.nodes.length.toLocaleString('en')} nodes`;
    return { title, rows, targets: pods < MANY_PODS ? [] : targetsOf(rows) };
  } finally {
    await plane.stop();
  }
}

function whereOf({ server, caPem, apiServerPid }: ControlPlane, pods: number, path: string): Where {
  let before = cpuMs(apiServerPid);
  const served = async () => {
    const now = cpuMs(apiServerPid);
    const serverCpuMs = now - before;
    before = now;
    return { serverCpuMs };
  };
  return { url: server, ca: caPem, token: 'admin', pods, program: path, kubectl: program('kubectl'), served };
}

const FirstPage = z.object({ items: z.array(z.unknown()), metadata: z.object({ remainingItemCount: z.number().optional() }) });

async function countPods({ api }: ControlPlane): Promise<number> {
  const { body } = await api.ask('GET', '/api/v1/pods?limit=1');
  const { items, metadata } = FirstPage.parse(body);
  return items.length + (metadata.remainingItemCount ?? 0);
}

function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return ((Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * 1000) / TICKS_PER_SECOND;
}

/** The target for an audit: the time to read the list, plus that of an audit without pods. */
function targetsOf(rows: readonly Row[]): readonly Target[] {
  const of = (figure: 'wallMs' | 'cpuMs') => {
    const [audit, drain, empty] = [AUDIT, STREAMED, EMPTY].map((name) => medianOf(rows, name, figure));
    return audit === undefined || drain === undefined || empty === undefined ? undefined : audit / (drain + empty);
  };
  const beside = ` (${of('cpuMs')?.toFixed(2)} of CPU)`;
  return goal('audit ≤ 1.3 × (drain of the streamed list + start-up)', of('wallMs'), (value) => value <= 1.3, beside);
}
