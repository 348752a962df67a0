import { buildCluster, type ClusterPlan, karpenterNode, kataPool, SYSTEM_POOL, sandboxed, ubuntuPool } from './build.ts';
import type { Needed } from './demonstration.ts';
import { DEMONSTRATIONS } from './demonstrations/index.ts';
import { imageOfAge, latestImage, VARIANTS } from './images.ts';
import type { Estate, EstateCluster, EstatePlantedFault } from './model.ts';
import { failsCluster, failsPool, unknownOfPool } from './plant.ts';
import { guid } from './random.ts';
import { unknownWithoutKubernetes } from './unjudged.ts';

const POOL = 'properties.agentPoolProfiles.1';

/**
 * An estate of one healthy cluster, and one cluster for each unusual answer that Azure is known to give. Each affects only itself:
 * its effects are planted as expected findings, and everything else is judged.
 */
export function oddEstate(seed: string, now: Date): Estate {
  const plans = [healthy(), ...legitimate(now), ...unreadable(now)];
  const clusters = plans.map((plan) => buildCluster(plan, now));
  return {
    seed,
    now: now.toISOString(),
    subscriptions: [{ id: guid(seed, 'subscription', 'odd'), name: 'odd', managementGroup: 'odd', clusters, oddEntries: ODD_ENTRIES }],
  };
}

/** Entries of a list that are not clusters: each affects only itself, and the list is not reported as complete. */
export const ODD_ENTRIES = [null, 7, 'cluster', [], {}, { id: null }, { id: '' }, { id: '/subscriptions/x' }, { name: 'nameless' }];

function cluster(name: string, plan: Partial<ClusterPlan>): ClusterPlan {
  const pools = [SYSTEM_POOL, kataPool('kata', 2)];
  return { name, pools, workloads: [sandboxed({ namespace: 'shop', name: 'web' })], ...plan };
}

function healthy(): ClusterPlan {
  return cluster('good', {});
}

/** Unusual answers that have a meaning, so none of them is a gap. */
function legitimate(now: Date): readonly ClusterPlan[] {
  const name = 'hosted';
  const old = (variant: string) => imageOfAge(variant, 60, now);
  return [
    // AKS Automatic with hosted system pools lists no pools; its nodes come from node auto provisioning.
    cluster(name, {
      nodeProvisioning: 'Auto',
      pools: [],
      extraNodes: [0, 1].map((at) => karpenterNode(name, 'default', at, latestImage(VARIANTS.azureLinux, now))),
      workloads: [],
      oddAnswer: {
        sets: { 'properties.hostedSystemProfile': { enabled: true }, 'properties.apiServerAccessProfile': { subnetId: '' } },
        omits: ['properties.agentPoolProfiles'],
      },
      plantedFaults: [
        failsCluster('kata-pool-present'),
        ...nodesOf(name).map((node): EstatePlantedFault => ({ ruleId: 'node-image-current', verdict: 'unknown', subject: node })),
      ],
    }),
    // A VirtualMachines pool that scales automatically and has zero nodes has neither a count nor a size.
    cluster('vms-at-zero', {
      pools: [SYSTEM_POOL, kataPool('kata', 2), { name: 'vms', nodes: 0 }],
      oddAnswer: {
        sets: {
          'properties.agentPoolProfiles.2.type': 'VirtualMachines',
          'properties.agentPoolProfiles.2.virtualMachinesProfile': {
            scale: { autoscale: { size: 'standard_d2s_v3', minCount: 0, maxCount: 3 } },
          },
        },
        omits: ['properties.agentPoolProfiles.2.count', 'properties.agentPoolProfiles.2.vmSize'],
      },
    }),
    // A pool that is being created has no image yet.
    cluster('being-made', {
      pools: [SYSTEM_POOL, kataPool('kata', 2), { name: 'new', nodes: 0, provisioningState: 'Creating' }],
      oddAnswer: { omits: ['count', 'vmSize', 'nodeImageVersion'].map((field) => `properties.agentPoolProfiles.2.${field}`) },
      plantedFaults: unknownOfPool('new', 'node-image-current', 'node-image-supported'),
    }),
    // AKS patches its own pools, so the operator cannot fix an old image.
    cluster('aks-managed', {
      pools: [SYSTEM_POOL, kataPool('kata', 2), { name: 'msnp', nodes: 1, osSku: 'Ubuntu', nodeImageVersion: old(VARIANTS.ubuntu) }],
      oddAnswer: { sets: { 'properties.agentPoolProfiles.2.mode': 'ManagedSystem' } },
    }),
    // Azure offers an image of another variant, so an upgrade is available.
    cluster('other-variant', {
      pools: [
        SYSTEM_POOL,
        kataPool('kata', 2),
        {
          name: 'u22',
          nodes: 1,
          osSku: 'Ubuntu',
          nodeImageVersion: old('AKSUbuntu-2204gen2containerd'),
          latestNodeImageVersion: latestImage(VARIANTS.ubuntu, now),
        },
      ],
      plantedFaults: [failsPool('node-image-current', 'u22')],
    }),
    // The example in Azure's documentation, which does not say whether January or February is the first of its three months.
    cluster('every-three-months', {
      pools: [SYSTEM_POOL, kataPool('kata', 2, { nodeImageVersion: old(VARIANTS.kata) })],
      maintenanceConfigurations: [{ name: 'aksManagedNodeOSUpgradeSchedule', properties: { maintenanceWindow: EVERY_THREE_MONTHS } }],
      plantedFaults: [failsPool('node-image-current', 'kata')],
    }),
  ];
}

const EVERY_THREE_MONTHS = {
  schedule: { absoluteMonthly: { dayOfMonth: 1, intervalMonths: 3 }, daily: null, relativeMonthly: null, weekly: null },
  durationHours: 4,
  startDate: '2023-01-20',
  startTime: '09:00',
  utcOffset: '-08:00',
  notAllowedDates: [{ start: '2023-12-23', end: '2024-01-05' }],
};

/** Answers with an unreadable part: the part is reported as unknown by its name, and the cluster is only partly assessed. */
function unreadable(now: Date): readonly ClusterPlan[] {
  const gap = failsCluster('cluster-assessed');
  return [
    cluster('empty-size', {
      oddAnswer: { sets: { [`${POOL}.vmSize`]: '' } },
      plantedFaults: [gap, ...unknownWithout({ pool: ['vmSize'] })],
    }),
    cluster('odd-runtime', {
      oddAnswer: { sets: { [`${POOL}.workloadRuntime`]: 7 } },
      plantedFaults: [gap, ...unknownWithout({ pool: ['workloadRuntime'] })],
    }),
    cluster('odd-image', {
      oddAnswer: { sets: { [`${POOL}.nodeImageVersion`]: { newest: true } } },
      plantedFaults: [gap, ...unknownWithout({ pool: ['nodeImageVersion'] })],
    }),
    cluster('odd-state', {
      oddAnswer: { sets: { [`${POOL}.provisioningState`]: ['Succeeded'], [`${POOL}.powerState`]: 'Running' } },
      plantedFaults: [gap, ...unknownWithout({ pool: ['provisioningState', 'powerState'] })],
    }),
    cluster('odd-channel', {
      oddAnswer: { sets: { 'properties.autoUpgradeProfile': { nodeOSUpgradeChannel: 7 } } },
      plantedFaults: [gap, ...unknownWithout({ settings: ['nodeOsUpgradeChannel'] })],
    }),
    cluster('odd-version', {
      oddAnswer: { sets: { 'properties.currentKubernetesVersion': 1.34, 'properties.kubernetesVersion': '' } },
      plantedFaults: [gap, ...unknownWithout({ settings: ['kubernetesVersion'] })],
    }),
    cluster('odd-entra', {
      oddAnswer: { sets: { 'properties.aadProfile': 'managed' } },
      plantedFaults: [gap, ...unknownWithoutKubernetes('kata')],
    }),
    cluster('odd-tags', { oddAnswer: { sets: { tags: { cost: 7 }, location: '' } }, plantedFaults: [gap] }),
    // A read-only lock blocks the cluster credentials; Azure's own answers are still judged.
    cluster('locked', { locked: true, plantedFaults: [gap, ...unknownWithoutKubernetes('kata')] }),
    // A role from before that permission was needed. No other cluster of its region queries the offered image.
    cluster('no-profile', {
      location: 'northeurope',
      denied: ['get upgradeprofiles'],
      plantedFaults: [gap, ...['system', 'kata'].flatMap((pool) => unknownOfPool(pool, 'node-image-current'))],
    }),
    cluster('no-offer', {
      pools: [SYSTEM_POOL, kataPool('kata', 2), { ...ubuntuPool('apps', 1, now), latestNodeImageVersion: '' }],
      plantedFaults: [gap, ...unknownOfPool('apps', 'node-image-current')],
    }),
  ];
}

/** The rules that become unknown for a healthy cluster when some fields cannot be read: for its Kata pool, or for the cluster itself. */
function unknownWithout({ pool = [], settings = [] }: Omit<Needed, 'subject'>): readonly EstatePlantedFault[] {
  return Object.entries(DEMONSTRATIONS).flatMap(([ruleId, { needed }]): EstatePlantedFault[] => {
    const isUnknown = pool.some((field) => needed?.pool?.includes(field)) || settings.some((field) => needed?.settings?.includes(field));
    if (needed === undefined || !isUnknown) return [];
    const subject = needed.subject === 'cluster' ? { kind: 'cluster' as const } : { kind: 'node-pool' as const, name: 'kata' };
    return [{ ruleId, verdict: 'unknown', subject }];
  });
}

function nodesOf(name: string): readonly EstatePlantedFault['subject'][] {
  return [0, 1].map((at) => ({ kind: 'node', name: karpenterNode(name, 'default', at, '').name }));
}

/** The clusters of this estate that are fully assessed in spite of their unusual answers. */
export function isWholly(one: EstateCluster): boolean {
  return !one.plantedFaults.some(({ ruleId }) => ruleId === 'cluster-assessed');
}
