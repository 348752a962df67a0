import { buildCluster, kataPool, SYSTEM_POOL, sandboxed, ubuntuPool, type WorkloadPlan } from './build.ts';
import { imageOfAge, VARIANTS } from './images.ts';
import type { Estate, EstateCluster } from './model.ts';
import { failsPool, failsWorkload } from './plant.ts';
import { guid } from './random.ts';

/** The size of an estate. */
export interface EstateSize {
  readonly clusters: number;
  /** At least two: a system pool and a Kata pool. */
  readonly poolsPerCluster: number;
  /** The pods that AKS itself runs on every node are not included. */
  readonly podsPerCluster: number;
  /** Two by default. */
  readonly nodesPerPool?: number;
  /** One for every 50 clusters by default. */
  readonly subscriptions?: number;
}

const REGIONS = ['westeurope', 'northeurope', 'eastus', 'eastus2', 'uksouth'];
const CLUSTERS_PER_SUBSCRIPTION = 50;
const PODS_PER_WORKLOAD = 25;
/** One cluster in ten has a stale image, and one in ten a workload that runs outside its sandbox. */
const FAULT_EVERY = 10;

/** A uniform estate of any size, for measurements: the same arguments give the same estate. */
export function scaleEstate(size: EstateSize, seed: string, now: Date): Estate {
  const count = size.subscriptions ?? Math.ceil(size.clusters / CLUSTERS_PER_SUBSCRIPTION);
  const subscriptions = Array.from({ length: count }, (_, at) => ({
    id: guid(seed, 'subscription', at),
    name: `scale-${String(at).padStart(4, '0')}`,
    managementGroup: 'scale',
    clusters: [] as EstateCluster[],
  }));
  for (let at = 0; at < size.clusters; at++) subscriptions[at % count]?.clusters.push(scaleCluster(size, at, now));
  return { seed, now: now.toISOString(), subscriptions };
}

function scaleCluster({ poolsPerCluster, podsPerCluster, nodesPerPool = 2 }: EstateSize, at: number, now: Date): EstateCluster {
  const stale = at % FAULT_EVERY === 3;
  const loose = at % FAULT_EVERY === 7;
  const plain = Array.from({ length: Math.max(0, poolsPerCluster - 2) }, (_, index) => ubuntuPool(`apps${index}`, nodesPerPool, now));
  return buildCluster(
    {
      name: `scale-${String(at).padStart(5, '0')}`,
      location: REGIONS[at % REGIONS.length] ?? 'westeurope',
      pools: [
        { ...SYSTEM_POOL, nodes: nodesPerPool },
        kataPool('kata', nodesPerPool, stale ? { nodeImageVersion: imageOfAge(VARIANTS.kata, 45, now) } : {}),
        ...plain,
      ],
      workloads: scaleWorkloads(podsPerCluster, loose),
      plantedFaults: [
        ...(stale ? [failsPool('node-image-current', 'kata')] : []),
        ...(loose ? [failsWorkload('workload-sandboxed', 'team-0', 'Deployment/service-0')] : []),
      ],
    },
    now,
  );
}

/** One workload in three runs in pod VMs; the first does so unless it is the one that must be sandboxed and is not. */
function scaleWorkloads(pods: number, loose: boolean): WorkloadPlan[] {
  return Array.from({ length: Math.ceil(pods / PODS_PER_WORKLOAD) }, (_, at) => {
    const replicas = Math.min(PODS_PER_WORKLOAD, pods - at * PODS_PER_WORKLOAD);
    const plan = { namespace: `team-${Math.floor(at / 4)}`, name: `service-${at}`, replicas };
    if (at % 3 !== 0) return plan;
    const { runtimeClassName, ...rest } = sandboxed(plan);
    return { ...rest, ...(loose && at === 0 ? {} : { runtimeClassName }) };
  });
}
