import { given } from '../../domain/snapshot/given.ts';
import { clusterId } from './cluster-id.ts';
import { clusterNamed, type Estate, type EstateCluster, type EstateNodePool, type EstatePlantedFault } from './model.ts';
import { failsPool, unknownOfPool } from './plant.ts';
import { guid } from './random.ts';

/** The pool to upgrade, and the course of the upgrade. */
export interface PoolUpgrade {
  readonly cluster: string;
  readonly nodePool: string;
  /** When it begins; each further step is a minute later. */
  readonly at: Date;
  /** Event Grid's own schema by default. */
  readonly schema?: 'event-grid' | 'cloud-events';
  /** The upgrade fails when half of the nodes are done. */
  readonly fails?: boolean;
}

/** One step of an upgrade: the estate after it, and the event that Azure then emits. */
export interface UpgradeStep {
  readonly estate: Estate;
  /** Absent for steps without an event, such as a single replaced node. */
  readonly event?: unknown;
}

const STEP_MS = 60_000;
const AKS = 'Microsoft.ContainerService';

/**
 * Upgrades a pool to the newest image of its variant, node by node, as Azure does: the request to Azure Resource Manager, the start
 * of the roll, each node, the end of the roll, and the write of the pool. Throws if the pool does not exist.
 */
export function upgradeNodePool(estate: Estate, upgrade: PoolUpgrade): readonly UpgradeStep[] {
  const cluster = clusterNamed(estate, upgrade.cluster);
  const pool = cluster.nodePools.find(({ name }) => name === upgrade.nodePool);
  if (pool === undefined) throw new Error(`The cluster ${cluster.name} has no node pool ${upgrade.nodePool}.`);
  const image = pool.latestNodeImageVersion;
  const nodes = cluster.nodes.filter(({ nodePool }) => nodePool === pool.name).map(({ name }) => name);
  const done = upgrade.fails === true ? nodes.slice(0, Math.floor(nodes.length / 2)) : nodes;
  const events = new UpgradeEvents(estate, cluster, upgrade);
  const faults = faultsOf(cluster, pool, image);
  const rolling = { ...changePool(cluster, pool.name, { provisioningState: 'UpgradingNodeImageVersion' }), plantedFaults: faults.rolling };
  const steps: { cluster: EstateCluster; event?: unknown }[] = [
    { cluster, event: events.resource('ResourceActionSuccess', 'agentPools/upgradeNodeImageVersion/action') },
    { cluster: rolling, event: events.aks('NodePoolRollingStarted') },
  ];
  let current = rolling;
  for (const name of done) {
    current = { ...current, nodes: current.nodes.map((node) => (node.name === name ? { ...node, nodeImageVersion: image } : node)) };
    steps.push({ cluster: current });
  }
  if (upgrade.fails === true) {
    const stuck = { ...changePool(current, pool.name, { provisioningState: 'Failed' }), plantedFaults: faults.failed };
    steps.push({ cluster: stuck, event: events.aks('NodePoolRollingFailed') });
  } else {
    const ended = changePool(current, pool.name, { provisioningState: 'Succeeded', nodeImageVersion: image });
    const upgraded = { ...ended, plantedFaults: faults.upgraded };
    steps.push({ cluster: upgraded, event: events.aks('NodePoolRollingSucceeded') });
    steps.push({ cluster: upgraded, event: events.resource('ResourceWriteSuccess', 'agentPools/write') });
  }
  return steps.map(({ cluster: one, event }) => ({ estate: withCluster(estate, one), ...given({ event }) }));
}

/** What an audit must find while the pool rolls, when the roll stopped halfway, and when it is done. */
function faultsOf({ plantedFaults: before, nodes }: EstateCluster, pool: EstateNodePool, image: string) {
  const kata = pool.workloadRuntime?.startsWith('Kata') === true;
  const imageRules = ['node-image-current', 'node-image-supported', 'node-image-consistent'];
  const isOfPool = ({ subject }: EstatePlantedFault) => subject.kind === 'node-pool' && subject.name === pool.name;
  const others = before.filter((fault) => !isOfPool(fault) || ![...imageRules, 'kata-pool-healthy'].includes(fault.ruleId));
  // An image of a family that has ended keeps its fault if there is no newer image.
  const changes = image !== pool.nodeImageVersion;
  const halfway = changes && nodes.filter(({ nodePool }) => nodePool === pool.name).length > 1;
  const mended = [
    'node-image-consistent',
    ...(changes ? imageRules : []),
    // A roll repairs a failure of the pool itself, but not nodes that are not ready.
    ...(pool.provisioningState === 'Succeeded' ? [] : ['kata-pool-healthy']),
  ];
  return {
    rolling: [
      ...others.map((fault) => (isOfPool(fault) && fault.ruleId === 'kata-pool-image' ? unknown(fault) : fault)),
      ...unknownOfPool(pool.name, ...imageRules, ...(kata ? ['kata-pool-healthy'] : [])),
    ],
    failed: [
      ...before.filter((fault) => !isOfPool(fault) || !['node-image-consistent', 'kata-pool-healthy'].includes(fault.ruleId)),
      ...(halfway ? [failsPool('node-image-consistent', pool.name)] : []),
      ...(kata ? [failsPool('kata-pool-healthy', pool.name)] : []),
    ],
    upgraded: before.filter((fault) => !isOfPool(fault) || !mended.includes(fault.ruleId)),
  };
}

function changePool(cluster: EstateCluster, name: string, change: Partial<EstateCluster['nodePools'][number]>): EstateCluster {
  return { ...cluster, nodePools: cluster.nodePools.map((pool) => (pool.name === name ? { ...pool, ...change } : pool)) };
}

/** The image of a pool in a rolling upgrade is not judged as wrong. */
function unknown(fault: EstatePlantedFault): EstatePlantedFault {
  return { ...fault, verdict: 'unknown' };
}

/** The estate with one cluster replaced by its newer value. */
export function withCluster(estate: Estate, changed: EstateCluster): Estate {
  return {
    ...estate,
    subscriptions: estate.subscriptions.map((subscription) => ({
      ...subscription,
      clusters: subscription.clusters.map((one) => (one.name === changed.name ? changed : one)),
    })),
  };
}

/** Makes the events of one upgrade; each has its own id and time. */
class UpgradeEvents {
  readonly #upgrade: PoolUpgrade;
  readonly #subscription: string;
  readonly #clusterId: string;
  readonly #seed: string;
  #count = 0;

  constructor(estate: Estate, cluster: EstateCluster, upgrade: PoolUpgrade) {
    const owner = estate.subscriptions.find(({ clusters }) => clusters.some(({ name }) => name === cluster.name));
    this.#upgrade = upgrade;
    this.#subscription = owner?.id ?? '';
    this.#clusterId = clusterId(this.#subscription, cluster);
    this.#seed = estate.seed;
  }

  /** An event of AKS's own topic: its subject is only the cluster's name. */
  aks(type: string): unknown {
    const data = { nodePoolName: this.#upgrade.nodePool };
    return this.#event(`${AKS}.${type}`, this.#clusterId, this.#upgrade.cluster, data);
  }

  /** An event of the subscription's topic: Azure Resource Manager handled a request. */
  resource(type: string, operation: string): unknown {
    // Azure spells this segment in different ways, so ids must be compared case-insensitively.
    const resourceUri = `${this.#clusterId.replace('/resourcegroups/', '/resourceGroups/')}/agentPools/${this.#upgrade.nodePool}`;
    const operationName = `${AKS}/managedClusters/${operation}`;
    const data = {
      authorization: { scope: resourceUri, action: operationName, evidence: { role: 'Contributor' } },
      claims: { aud: 'https://management.azure.com/', name: 'Somebody Real' },
      correlationId: guid(this.#seed, this.#upgrade.at.toISOString(), 'correlation'),
      resourceProvider: AKS,
      resourceUri,
      operationName,
      status: 'Succeeded',
      subscriptionId: this.#subscription,
      tenantId: guid(this.#seed, 'tenant'),
    };
    return this.#event(`Microsoft.Resources.${type}`, `/subscriptions/${this.#subscription}`, resourceUri, data, '2');
  }

  #event(type: string, topic: string, subject: string, data: unknown, dataVersion = '1'): unknown {
    const time = new Date(this.#upgrade.at.getTime() + this.#count * STEP_MS).toISOString();
    const id = guid(this.#seed, this.#clusterId, this.#upgrade.nodePool, this.#upgrade.at.toISOString(), this.#count);
    this.#count += 1;
    return this.#upgrade.schema === 'cloud-events'
      ? { specversion: '1.0', id, type, source: topic, subject, time, data }
      : { id, eventType: type, topic, subject, eventTime: time, data, dataVersion, metadataVersion: '1' };
  }
}
