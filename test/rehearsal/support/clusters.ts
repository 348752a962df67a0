import { type ArmAnswer, type ArmQuestion, ok, type Resource, type State } from './resources.ts';

/** The URL where az polls long-running operations. */
const DONE = '/operations/done';
const CLUSTER =
  /^(?<id>\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.ContainerService\/managedClusters\/[^/]+)(?<rest>\/.*)?$/i;

/** Answers the other operations on an AKS cluster that the commands of findings use, besides reading, writing and deleting it. */
export function answerCluster({ method, path, origin }: ArmQuestion, state: State): ArmAnswer | undefined {
  if (path === DONE) return ok({ status: 'Succeeded' });
  const { id = '', rest = '' } = CLUSTER.exec(path)?.groups ?? {};
  if (id === '' || !state.has(id.toLowerCase())) return undefined;
  const called = `${method} ${rest.replace(/agentPools\/[^/]+/i, 'agentPools/*')}`;
  switch (called) {
    case 'GET /upgradeProfiles/default':
      return ok({ id: path, name: 'default', properties: { controlPlaneProfile: version(), agentPoolProfiles: [] } });
    case 'POST /listClusterUserCredential':
      return ok({ kubeconfigs: [{ name: 'clusterUser', value: Buffer.from(kubeconfig(id)).toString('base64') }] });
    case 'POST /start':
    case 'POST /agentPools/*/upgradeNodeImageVersion':
      return { status: 202, headers: { location: `${origin}${DONE}` } };
    case 'DELETE /agentPools/*':
      state.delete(path.toLowerCase());
      return { status: 202, headers: { location: `${origin}${DONE}` } };
    default:
      return undefined;
  }
}

/** A cluster with pools, in Resource Manager's format. */
export function clusterResources(id: string, pools: readonly string[]): readonly Resource[] {
  const [profiles, own] = [pools.map((name) => poolOf(name)), id.split('/').at(-1)];
  const properties = {
    provisioningState: 'Succeeded',
    powerState: { code: 'Running' },
    kubernetesVersion: '1.33.2',
    dnsPrefix: own,
    fqdn: `${own}.hcp.westeurope.azmk8s.io`,
    enableRBAC: true,
    agentPoolProfiles: profiles,
    networkProfile: { networkPlugin: 'azure', loadBalancerSku: 'standard' },
    autoUpgradeProfile: {},
    identityProfile: { kubeletidentity: { resourceId: `${id}/kubelet`, clientId: 'made-up', objectId: 'made-up' } },
  };
  const cluster = {
    id,
    name: own,
    location: 'westeurope',
    type: 'Microsoft.ContainerService/managedClusters',
    identity: { type: 'SystemAssigned' },
  };
  return [{ ...cluster, properties }, ...profiles.map(({ name, ...rest }) => ({ id: `${id}/agentPools/${name}`, name, properties: rest }))];
}

function poolOf(name: string) {
  return {
    name,
    count: 1,
    vmSize: 'Standard_D4s_v5',
    osType: 'Linux',
    osSKU: 'AzureLinux',
    mode: 'User',
    type: 'VirtualMachineScaleSets',
    provisioningState: 'Succeeded',
  };
}

function version() {
  return { kubernetesVersion: '1.33.2', name: 'master', osType: 'Linux', upgrades: [{ kubernetesVersion: '1.34.0' }] };
}

function kubeconfig(id: string): string {
  const name = id.split('/').at(-1) ?? '';
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server: `https://${name}.hcp.westeurope.azmk8s.io:443` } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    users: [{ name, user: {} }],
  });
}
