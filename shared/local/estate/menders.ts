import { parseNodeImage } from '../../domain/node-image.ts';
import { KATA_CLASS, kataPool, nodePool, nodesOf } from './build.ts';
import { latestImage, VARIANTS } from './images.ts';
import type { EstateCluster, EstateNodePool, EstatePlantedFault, EstateRuntimeClass, EstateWorkload } from './model.ts';

type Subject = EstatePlantedFault['subject'];

/** How one fault is mended: the cluster afterwards, and which of its other faults are gone with it. */
export type Mender = (
  cluster: EstateCluster,
  subject: Subject,
  now: Date,
) => { readonly mended: EstateCluster; readonly takesWithIt: (fault: EstatePlantedFault) => boolean };

const NODES_OF_A_NEW_POOL = 2;
const nothingElse = () => false;

/** What somebody would do about a finding of each rule; `unknown` is for rules that could not be judged. */
export const MENDERS: Readonly<Record<string, Mender>> = {
  unknown: (cluster, _, now) => ({ mended: readable(cluster, now), takesWithIt: isAboutReading }),
  'cluster-assessed': (cluster, _, now) => ({ mended: readable(cluster, now), takesWithIt: isAboutReading }),
  'kata-pool-present': (cluster, _, now) => ({ mended: withKataPool(cluster, now), takesWithIt: nothingElse }),
  'kata-pool-image': (cluster, subject, now) => upgraded(cluster, subject, latestImage(VARIANTS.kata, now)),
  'node-image-current': (cluster, subject, now) => upgraded(cluster, subject, newestFor(cluster, subject, now)),
  'runtime-class-present': (cluster) => ({
    mended: { ...cluster, runtimeClasses: [KATA_CLASS, ...cluster.runtimeClasses] },
    takesWithIt: nothingElse,
  }),
  'runtime-class-handler': (cluster, subject) => ({
    mended: changeClass(cluster, subject, (one) => ({ ...one, handler: 'kata' })),
    takesWithIt: (fault) => fault.ruleId === 'workload-sandboxed' && workloadsOf(cluster, fault.subject).some(uses(subject)),
  }),
  'workload-sandboxed': sandboxedWorkload,
};

function isAboutReading({ ruleId, verdict }: EstatePlantedFault): boolean {
  return verdict === 'unknown' || ruleId === 'cluster-assessed';
}

function readable(cluster: EstateCluster, now: Date): EstateCluster {
  const nodePools = cluster.nodePools.map((pool): EstateNodePool => ({ ...pool, powerState: 'Running' }));
  const missing = nodePools.filter(({ name }) => !cluster.nodes.some(({ nodePool: of }) => of === name));
  const started = missing.flatMap((pool) =>
    nodesOf(cluster.name, { name: pool.name, nodes: NODES_OF_A_NEW_POOL }, nodePool({ ...pool, nodes: 0 }, now)),
  );
  return { ...cluster, powerState: 'Running', network: 'public', entraId: true, nodePools, nodes: [...cluster.nodes, ...started] };
}

function withKataPool(cluster: EstateCluster, now: Date): EstateCluster {
  const plan = kataPool('katanew', NODES_OF_A_NEW_POOL);
  const pool = nodePool(plan, now);
  return { ...cluster, nodePools: [...cluster.nodePools, pool], nodes: [...cluster.nodes, ...nodesOf(cluster.name, plan, pool)] };
}

/** A pool of a frozen family can only be made anew with the family that replaced it. */
function newestFor(cluster: EstateCluster, subject: Subject, now: Date): string {
  const pool = cluster.nodePools.find(({ name }) => isSubject(subject, 'node-pool', name));
  const image = parseNodeImage(pool?.nodeImageVersion ?? '');
  return image?.features.kata === true ? latestImage(VARIANTS.kata, now) : (pool?.latestNodeImageVersion ?? '');
}

function upgraded(cluster: EstateCluster, subject: Subject, image: string): ReturnType<Mender> {
  const isPool = (name: string | undefined) => name !== undefined && isSubject(subject, 'node-pool', name);
  return {
    mended: {
      ...cluster,
      nodePools: cluster.nodePools.map((pool) =>
        isPool(pool.name) ? { ...pool, nodeImageVersion: image, latestNodeImageVersion: image } : pool,
      ),
      nodes: cluster.nodes.map((node) => (isPool(node.nodePool) ? { ...node, nodeImageVersion: image } : node)),
    },
    takesWithIt: ({ ruleId, subject: other }) => ruleId.startsWith('node-image-') && JSON.stringify(other) === JSON.stringify(subject),
  };
}

function changeClass(cluster: EstateCluster, subject: Subject, change: (one: EstateRuntimeClass) => EstateRuntimeClass): EstateCluster {
  return {
    ...cluster,
    runtimeClasses: cluster.runtimeClasses.map((one) => (isSubject(subject, 'runtime-class', one.name) ? change(one) : one)),
  };
}

/** A workload can only move into pod VMs where there is a pool that starts them. */
function sandboxedWorkload(cluster: EstateCluster, subject: Subject, now: Date): ReturnType<Mender> {
  const hasPool = cluster.nodePools.some(({ workloadRuntime }) => workloadRuntime?.startsWith('Kata') === true);
  const chosen = new Set(workloadsOf(cluster, subject));
  const change = ({ nodePool: _, ...workload }: EstateWorkload): EstateWorkload => ({
    ...workload,
    runtimeClassName: KATA_CLASS.name,
    memoryLimit: workload.memoryLimit ?? '512Mi',
  });
  const moved = { ...cluster, workloads: cluster.workloads.map((one) => (chosen.has(one) ? change(one) : one)) };
  return {
    mended: hasPool ? moved : withKataPool(moved, now),
    takesWithIt: ({ ruleId }) => !hasPool && ruleId === 'kata-pool-present',
  };
}

function workloadsOf({ workloads }: EstateCluster, subject: Subject): EstateWorkload[] {
  if (subject.kind !== 'workload') return [];
  const { namespace, ownerKind, ownerName } = subject;
  return workloads.filter((one) => one.namespace === namespace && one.kind === ownerKind && one.name === ownerName);
}

function uses(runtimeClass: Subject): (workload: EstateWorkload) => boolean {
  return ({ runtimeClassName }) => runtimeClassName !== undefined && isSubject(runtimeClass, 'runtime-class', runtimeClassName);
}

function isSubject(subject: Subject, kind: 'node-pool' | 'runtime-class', name: string): boolean {
  return subject.kind === kind && subject.name === name;
}
