export const SUBSCRIPTION = '11111111-2222-4333-8444-555555555555';

/** The id of a cluster in Azure's format. */
export function idOf(name: string, subscriptionId = SUBSCRIPTION): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/rg-One/providers/Microsoft.ContainerService/managedClusters/${name}`;
}

/** A node pool in Azure's format, as it appears in a cluster. */
export function aPoolRow(over: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    name: 'kata1',
    count: 3,
    vmSize: 'Standard_D4s_v5',
    mode: 'User',
    osType: 'Linux',
    osSKU: 'AzureLinux',
    workloadRuntime: 'KataVmIsolation',
    nodeImageVersion: 'AKSAzureLinux-V3katagen2-202608.06.1',
    orchestratorVersion: '1.34',
    currentOrchestratorVersion: '1.34.2',
    provisioningState: 'Succeeded',
    powerState: { code: 'Running' },
    enableFIPS: false,
    securityProfile: { enableVTPM: false, enableSecureBoot: false },
    ...over,
  };
}

/** A cluster in Azure's format. */
export function aRow(name: string, properties: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    id: idOf(name),
    name,
    location: 'westeurope',
    type: 'Microsoft.ContainerService/ManagedClusters',
    tags: { team: 'shop' },
    properties: {
      provisioningState: 'Succeeded',
      powerState: { code: 'Running' },
      kubernetesVersion: '1.34',
      currentKubernetesVersion: '1.34.2',
      agentPoolProfiles: [aPoolRow()],
      aadProfile: { managed: true, enableAzureRBAC: true },
      disableLocalAccounts: true,
      autoUpgradeProfile: { upgradeChannel: 'stable', nodeOSUpgradeChannel: 'NodeImage' },
      ...properties,
    },
  };
}
