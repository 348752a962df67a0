import { given } from '../../../domain/snapshot/given.ts';
import { clusterId } from '../cluster-id.ts';
import type { Estate, EstateCluster, EstateNodePool, EstateSubscription } from '../model.ts';
import { guid, suffix } from '../random.ts';

/** The host of every simulated API server: a token is sent only to hosts that Azure names. */
const API_SERVER_HOST = '127.0.0.1';

/** A managed cluster as Azure Resource Manager shows it: the usual answer with the changes of this cluster. */
export function managedCluster(estate: Estate, subscription: EstateSubscription, cluster: EstateCluster): Record<string, unknown> {
  const usual = usualCluster(estate, subscription, cluster);
  for (const [path, value] of Object.entries(cluster.oddAnswer?.sets ?? {}))
    change(usual, path, (holder, name) => Reflect.set(holder, name, value));
  for (const path of cluster.oddAnswer?.omits ?? []) change(usual, path, omit);
  return usual;
}

/** Changes a field of an answer, by its path. */
function change(answer: object, path: string, how: (holder: object, name: string) => unknown): void {
  const names = path.split('.');
  const last = names.pop() ?? '';
  const holder = names.reduce<unknown>((at, name) => (typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined), answer);
  if (typeof holder !== 'object' || holder === null) throw new Error(`The answer has nothing at ${path}.`);
  how(holder, last);
}

function omit(holder: object, name: string): void {
  if (Array.isArray(holder)) holder.splice(Number(name), 1);
  else Reflect.deleteProperty(holder, name);
}

/** The shape is that of a recorded live answer. */
function usualCluster(estate: Estate, subscription: EstateSubscription, cluster: EstateCluster): Record<string, unknown> {
  const { name, location, tags, kubernetesVersion, powerState, provisioningState, network, entraId } = cluster;
  const dns = `${name}-${suffix(8, estate.seed, name, 'dns')}`;
  const isPrivate = network === 'private';
  return {
    id: clusterId(subscription.id, cluster),
    location,
    name,
    tags,
    type: 'Microsoft.ContainerService/ManagedClusters',
    kind: 'Base',
    properties: {
      provisioningState,
      powerState: { code: powerState },
      kubernetesVersion: kubernetesVersion.split('.').slice(0, 2).join('.'),
      currentKubernetesVersion: kubernetesVersion,
      dnsPrefix: name,
      // A real cluster has its own host name here; the simulated API servers are all on this machine.
      ...(isPrivate ? { privateFQDN: API_SERVER_HOST } : { fqdn: API_SERVER_HOST }),
      azurePortalFQDN: `${dns}.portal.hcp.${location}.azmk8s.io`,
      agentPoolProfiles: cluster.nodePools.map((pool) => ({ name: pool.name, ...poolProperties(cluster, pool) })),
      servicePrincipalProfile: { clientId: 'msi' },
      nodeResourceGroup: `MC_${cluster.resourceGroup}_${name}_${location}`,
      enableRBAC: true,
      supportPlan: 'KubernetesOfficial',
      networkProfile: { networkPlugin: 'azure', networkPluginMode: 'overlay', podCidr: '10.244.0.0/16', serviceCidr: '10.0.0.0/16' },
      ...(entraId ? { aadProfile: { managed: true, enableAzureRBAC: true, tenantID: guid(estate.seed, 'tenant') } } : {}),
      ...(isPrivate ? { apiServerAccessProfile: { enablePrivateCluster: true, privateDNSZone: 'system' } } : {}),
      maxAgentPools: 100,
      autoUpgradeProfile: { upgradeChannel: 'patch', nodeOSUpgradeChannel: cluster.nodeOsUpgradeChannel },
      disableLocalAccounts: entraId,
      securityProfile: {},
      storageProfile: { diskCSIDriver: { enabled: true }, fileCSIDriver: { enabled: true }, snapshotController: { enabled: true } },
      oidcIssuerProfile: { enabled: false },
      workloadAutoScalerProfile: {},
      resourceUID: guid(estate.seed, name, 'uid').replaceAll('-', '').slice(0, 24),
      nodeProvisioningProfile: { mode: cluster.nodeProvisioning },
    },
    identity: { type: 'SystemAssigned', principalId: guid(estate.seed, name, 'principal'), tenantId: guid(estate.seed, 'tenant') },
    sku: { name: 'Base', tier: 'Standard' },
  };
}

/** An agent pool as Azure Resource Manager lists it: its properties are in a separate object. */
export function agentPool(subscriptionId: string, cluster: EstateCluster, pool: EstateNodePool): Record<string, unknown> {
  return {
    id: `${clusterId(subscriptionId, cluster)}/agentPools/${pool.name}`,
    name: pool.name,
    type: 'Microsoft.ContainerService/managedClusters/agentPools',
    properties: poolProperties(cluster, pool),
  };
}

/** The upgrade that Azure offers for a pool. */
export function upgradeProfile(subscriptionId: string, cluster: EstateCluster, pool: EstateNodePool): Record<string, unknown> {
  return {
    id: `${clusterId(subscriptionId, cluster)}/agentPools/${pool.name}/upgradeprofiles/default`,
    name: 'default',
    type: 'Microsoft.ContainerService/managedClusters/agentPools/upgradeProfiles',
    properties: {
      kubernetesVersion: cluster.kubernetesVersion,
      osType: pool.osType,
      latestNodeImageVersion: pool.latestNodeImageVersion,
    },
  };
}

/** When Azure may upgrade a cluster automatically. */
export function maintenanceConfigurations(subscriptionId: string, cluster: EstateCluster): readonly Record<string, unknown>[] {
  return (cluster.maintenanceConfigurations ?? []).map(({ name, properties }) => ({
    id: `${clusterId(subscriptionId, cluster)}/maintenanceConfigurations/${name}`,
    name,
    type: 'Microsoft.ContainerService/managedClusters/maintenanceConfigurations',
    properties,
  }));
}

function poolProperties(cluster: EstateCluster, pool: EstateNodePool): Record<string, unknown> {
  const minor = cluster.kubernetesVersion.split('.').slice(0, 2).join('.');
  return {
    count: cluster.nodes.filter(({ nodePool }) => nodePool === pool.name).length,
    vmSize: pool.vmSize,
    osDiskSizeGB: 128,
    osDiskType: 'Managed',
    kubeletDiskType: 'OS',
    ...given({ workloadRuntime: pool.workloadRuntime }),
    maxPods: 250,
    type: 'VirtualMachineScaleSets',
    enableAutoScaling: false,
    scaleDownMode: 'Delete',
    provisioningState: pool.provisioningState,
    powerState: { code: pool.powerState },
    orchestratorVersion: minor,
    currentOrchestratorVersion: cluster.kubernetesVersion,
    enableNodePublicIP: false,
    nodeLabels: {},
    mode: pool.mode,
    enableEncryptionAtHost: false,
    enableUltraSSD: false,
    osType: pool.osType,
    osSKU: pool.osSku,
    nodeImageVersion: pool.nodeImageVersion,
    upgradeStrategy: 'Rolling',
    upgradeSettings: { maxSurge: '10%', maxUnavailable: '0' },
    enableFIPS: pool.enableFips ?? false,
    ...(pool.snapshotId === undefined ? {} : { creationData: { sourceResourceId: pool.snapshotId } }),
    securityProfile: { sshAccess: 'LocalUser', enableVTPM: false, enableSecureBoot: false },
  };
}
