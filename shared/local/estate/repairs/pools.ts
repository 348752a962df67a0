import { parseNodeImage } from '../../../domain/images/node-image.ts';
import { KATA_CLASS, kataPool, nodePool, nodesOf } from '../build.ts';
import { latestImage, softwareOf, VARIANTS } from '../images.ts';
import type { EstateCluster, EstateNode, EstateNodePool, EstatePlantedFault } from '../model.ts';
import { nothingElse, type Repair, type Repaired, sameSubject, subjectName } from './repairing.ts';

const NEW_POOL = 'katanew';
const NODES_OF_A_NEW_POOL = 2;

/** The cluster with another Kata pool. */
export function withKataPool(cluster: EstateCluster, now: Date): EstateCluster {
  const plan = kataPool(NEW_POOL, NODES_OF_A_NEW_POOL);
  const pool = nodePool(plan, now);
  return { ...cluster, nodePools: [...cluster.nodePools, pool], nodes: [...cluster.nodes, ...nodesOf(cluster.name, plan, pool)] };
}

/** Adds a Kata pool and a workload for it, because an idle pool would be the next finding. */
export const addKataPool: Repair = (cluster, _, now) => withTenant(withKataPool(cluster, now), NEW_POOL);

/** The cluster after it was started, connected and integrated and the rights were granted, so that it can be read. */
export function readable(cluster: EstateCluster, now: Date): EstateCluster {
  const nodePools = cluster.nodePools.map((pool): EstateNodePool => ({ ...pool, powerState: 'Running' }));
  const empty = nodePools.filter(({ name }) => !cluster.nodes.some(({ nodePool: of }) => of === name));
  const started = empty.flatMap((pool) =>
    nodesOf(cluster.name, { name: pool.name, nodes: NODES_OF_A_NEW_POOL }, nodePool({ ...pool, nodes: 0 }, now)),
  );
  const denied = cluster.denied?.filter((permission) => permission !== 'get managedclusters');
  const rights = denied === undefined ? {} : { denied };
  return {
    ...cluster,
    ...rights,
    powerState: 'Running',
    network: 'public',
    entraId: true,
    nodePools,
    nodes: [...cluster.nodes, ...started],
  };
}

/** Gives a pool and its nodes the newest image; an image of a frozen family, or without Kata, is replaced by the current Kata image. */
export const upgradePool: Repair = (cluster, subject, now) => {
  const pool = cluster.nodePools.find(({ name }) => name === subjectName(subject));
  const kata = pool?.workloadRuntime?.startsWith('Kata') === true;
  const image = kata ? latestImage(VARIANTS.kata, now) : (pool?.latestNodeImageVersion ?? '');
  const changed = changePool(cluster, subjectName(subject), () => ({ nodeImageVersion: image, latestNodeImageVersion: image }));
  const hadKata = parseNodeImage(pool?.nodeImageVersion ?? '')?.features.kata === true;
  const rules = [
    'node-image-current',
    'node-image-supported',
    'node-image-consistent',
    ...(hadKata ? [] : ['kata-pool-image', 'kata-pool-healthy']),
  ];
  return {
    cluster: changeNodes(changed, subjectName(subject), () => ({ nodeImageVersion: image })),
    alsoGone: (fault) => rules.includes(fault.ruleId) && sameSubject(fault.subject, subject),
  };
};

/** Gives every node of a pool the image of the pool. */
export const alignNodes: Repair = (cluster, subject) => {
  const image = cluster.nodePools.find(({ name }) => name === subjectName(subject))?.nodeImageVersion ?? '';
  return { cluster: changeNodes(cluster, subjectName(subject), () => ({ nodeImageVersion: image })), alsoGone: nothingElse };
};

/** Reconciles a pool and makes its nodes ready; one whose image has no Kata needs another image first. */
export const healPool: Repair = (cluster, subject, now) => {
  const name = subjectName(subject);
  if (!nodesIn(cluster, name).some(({ nodeImageVersion }) => softwareOf(nodeImageVersion).kata)) return upgradePool(cluster, subject, now);
  const reconciled = changePool(cluster, name, () => ({ provisioningState: 'Succeeded', powerState: 'Running' }));
  const opened = changeNodes(reconciled, name, () => ({ ready: true, unschedulable: false }));
  const nodes = opened.nodes.map(({ taints, ...node }) => (node.nodePool === name || taints === undefined ? node : { ...node, taints }));
  // Pods that may run on any Kata pool are also placed on the pool once it accepts pods.
  const spreads = cluster.workloads.some(
    (one) => one.runtimeClassName !== undefined && one.nodePool === undefined && one.state === 'running',
  );
  const alsoGone = (fault: EstatePlantedFault) => spreads && fault.ruleId === 'kata-pool-used' && sameSubject(fault.subject, subject);
  return { cluster: { ...opened, nodes }, alsoGone };
};

/** Ends a rolling upgrade, or replaces an unreadable image, so that everything about the pool is known. */
export const settlePool: Repair = (cluster, subject, now) => {
  const upgraded = upgradePool(cluster, subject, now).cluster;
  return {
    cluster: changePool(upgraded, subjectName(subject), () => ({ provisioningState: 'Succeeded' })),
    alsoGone: (fault) => fault.verdict === 'unknown' && sameSubject(fault.subject, subject),
  };
};

/** Lets a workload use an idle pool if the pool can take pods; otherwise deletes the pool. */
export const usePool: Repair = (cluster, subject) => {
  const name = subjectName(subject);
  const able = nodesIn(cluster, name).some(
    ({ ready, unschedulable, taints, nodeImageVersion }) =>
      ready && unschedulable !== true && taints === undefined && softwareOf(nodeImageVersion).kata,
  );
  return able ? withTenant(cluster, name) : withoutPool(cluster, name, subject);
};

/** Changes a property of a pool that nothing else depends on. */
export function setPool(change: Partial<EstateNodePool>): Repair {
  return (cluster, subject) => ({ cluster: changePool(cluster, subjectName(subject), () => change), alsoGone: nothingElse });
}

/** Gives a pool the current name of the runtime, and its workloads the class that selects such pools. */
export const renameRuntime: Repair = (cluster, subject) => {
  const renamed = changePool(cluster, subjectName(subject), () => ({ workloadRuntime: 'KataVmIsolation' }));
  return {
    cluster: moveToCurrentClass(renamed),
    alsoGone: ({ ruleId }) => ruleId === 'runtime-class-name-current',
  };
};

/** Changes every workload that names the preview's class to the current class. */
export function moveToCurrentClass(cluster: EstateCluster): EstateCluster {
  return {
    ...cluster,
    workloads: cluster.workloads.map((one) =>
      one.runtimeClassName === 'kata-mshv-vm-isolation' ? { ...one, runtimeClassName: KATA_CLASS.name } : one,
    ),
  };
}

function withTenant(cluster: EstateCluster, pool: string): Repaired {
  const hasClass = cluster.runtimeClasses.some(({ name }) => name === KATA_CLASS.name);
  const tenant = { namespace: 'default', kind: 'Deployment', name: `tenant-of-${pool}`, revision: 1, replicas: 2 } as const;
  return {
    cluster: {
      ...cluster,
      runtimeClasses: hasClass ? cluster.runtimeClasses : [KATA_CLASS, ...cluster.runtimeClasses],
      workloads: [
        ...cluster.workloads,
        { ...tenant, labels: {}, runtimeClassName: KATA_CLASS.name, nodePool: pool, state: 'running', memoryLimit: '512Mi' },
      ],
    },
    alsoGone: ({ ruleId }) => !hasClass && ruleId === 'runtime-class-present',
  };
}

function withoutPool(cluster: EstateCluster, name: string, subject: EstatePlantedFault['subject']): Repaired {
  return {
    cluster: {
      ...cluster,
      nodePools: cluster.nodePools.filter((pool) => pool.name !== name),
      nodes: cluster.nodes.filter((node) => node.nodePool !== name),
    },
    alsoGone: (fault) => sameSubject(fault.subject, subject),
  };
}

function nodesIn({ nodes }: EstateCluster, pool: string): EstateNode[] {
  return nodes.filter((node) => node.nodePool === pool);
}

function changePool(cluster: EstateCluster, name: string, change: () => Partial<EstateNodePool>): EstateCluster {
  return { ...cluster, nodePools: cluster.nodePools.map((pool) => (pool.name === name ? { ...pool, ...change() } : pool)) };
}

function changeNodes(cluster: EstateCluster, pool: string, change: () => Partial<EstateNode>): EstateCluster {
  return { ...cluster, nodes: cluster.nodes.map((node) => (node.nodePool === pool ? { ...node, ...change() } : node)) };
}
