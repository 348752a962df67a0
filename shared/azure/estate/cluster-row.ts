import { z } from 'zod';
import { formatClusterId, parseClusterId } from '../../domain/snapshot/resource-id.ts';
import type { Cluster, ClusterSettings, NodePool } from '../../domain/snapshot/snapshot.ts';
import type { ListedCluster } from '../../ports/azure-estate.ts';

/*
 * A cluster as Azure Resource Manager and Resource Graph write it, with only the fields that are
 * judged. Azure leaves a field out or writes null when it holds its default, so both are allowed
 * wherever there is a default; where there is none, absence is an error and never a guess.
 */
// A name with a control character is none of Azure's: it would only break the lines and terminals it ends in.
const text = z
  .string()
  .min(1)
  .regex(/^\P{Cc}*$/u, 'expected no control characters');
const optionalText = text.nullish();
const flag = z.boolean().nullish();
const count = z.int().min(0);

const Machines = z.array(z.object({ size: optionalText, count: count.nullish() }));

const Pool = z
  .object({
    name: text,
    mode: optionalText,
    count: count.nullish(),
    vmSize: optionalText,
    osType: optionalText,
    osSKU: optionalText,
    workloadRuntime: optionalText,
    nodeImageVersion: optionalText,
    orchestratorVersion: optionalText,
    currentOrchestratorVersion: optionalText,
    provisioningState: text,
    powerState: z.object({ code: optionalText }).nullish(),
    enableFIPS: flag,
    securityProfile: z.object({ enableSecureBoot: flag, enableVTPM: flag }).nullish(),
    creationData: z.object({ sourceResourceId: optionalText }).nullish(),
    /** Pools of single machines state their size and count here. */
    virtualMachineNodesStatus: Machines.nullish(),
  })
  .superRefine((pool, context) => {
    // Pools that Azure manages need not say how large they are.
    if (/^managed/i.test(pool.mode ?? '')) return;
    const single = pool.virtualMachineNodesStatus ?? undefined;
    if (pool.count == null && single === undefined) context.addIssue({ code: 'custom', path: ['count'], message: 'expected a count' });
    if (pool.vmSize == null && single === undefined) context.addIssue({ code: 'custom', path: ['vmSize'], message: 'expected a size' });
  });

const identity = {
  id: text.refine(isClusterId, 'expected the id of an AKS cluster'),
  name: text,
  location: text,
  tags: z.record(z.string(), z.string()).nullish(),
};

/** Who a cluster is, as Azure writes it. */
export const ClusterIdentity = z.object(identity).superRefine(assertNamedAsInId);

/** One managed cluster as Azure writes it. */
export const ClusterRow = z
  .object({
    ...identity,
    properties: z.object({
      provisioningState: text,
      powerState: z.object({ code: optionalText }).nullish(),
      kubernetesVersion: optionalText,
      currentKubernetesVersion: optionalText,
      agentPoolProfiles: z.array(Pool).refine(haveOwnNames, 'two node pools have one name'),
      apiServerAccessProfile: z.object({ enablePrivateCluster: flag }).nullish(),
      aadProfile: z.object({ managed: flag, enableAzureRBAC: flag }).nullish(),
      disableLocalAccounts: flag,
      autoUpgradeProfile: z.object({ upgradeChannel: optionalText, nodeOSUpgradeChannel: optionalText }).nullish(),
      nodeProvisioningProfile: z.object({ mode: optionalText }).nullish(),
    }),
  })
  .superRefine(assertNamedAsInId)
  .superRefine(({ properties }, context) => {
    if (properties.currentKubernetesVersion == null && properties.kubernetesVersion == null) {
      context.addIssue({ code: 'custom', path: ['properties', 'kubernetesVersion'], message: 'expected a version' });
    }
  });

/** One page of a list as Azure Resource Manager writes it. */
export function pageOf<T>(row: z.ZodType<T>) {
  return z.object({ value: z.array(row), nextLink: z.string().nullish() });
}

/** Turns a checked row into the domain's words. */
export function toListedCluster(row: z.output<typeof ClusterRow>): ListedCluster {
  return {
    cluster: toCluster(row),
    settings: settingsOf(row.properties),
    nodePools: row.properties.agentPoolProfiles.map(toNodePool),
  };
}

/** Turns a checked identity into the domain's words. */
export function toCluster({ id, name, location, tags }: z.output<typeof ClusterIdentity>): Cluster {
  const parts = parseClusterId(id);
  if (parts === undefined) throw new TypeError('The row was not checked.');
  return {
    id: formatClusterId(parts),
    name,
    subscriptionId: parts.subscriptionId,
    resourceGroup: parts.resourceGroup,
    // Azure writes `westeurope` and shows `West Europe`.
    location: location.toLowerCase().replaceAll(' ', ''),
    tags: tags ?? {},
  };
}

function settingsOf(properties: z.output<typeof ClusterRow>['properties']): ClusterSettings {
  return {
    kubernetesVersion: properties.currentKubernetesVersion ?? properties.kubernetesVersion ?? '',
    // Azure always says it; should it not, the cluster counts neither as running nor as stopped.
    powerState: properties.powerState?.code ?? 'Unknown',
    provisioningState: properties.provisioningState,
    privateCluster: properties.apiServerAccessProfile?.enablePrivateCluster === true,
    entraIntegrated: properties.aadProfile?.managed === true,
    azureRbac: properties.aadProfile?.enableAzureRBAC === true,
    localAccountsDisabled: properties.disableLocalAccounts === true,
    ...given('upgradeChannel', properties.autoUpgradeProfile?.upgradeChannel),
    ...given('nodeOsUpgradeChannel', properties.autoUpgradeProfile?.nodeOSUpgradeChannel),
    ...given('nodeProvisioning', properties.nodeProvisioningProfile?.mode),
  };
}

function toNodePool(pool: z.output<typeof Pool>): NodePool {
  const machines = pool.virtualMachineNodesStatus ?? [];
  return {
    name: pool.name,
    // What Azure takes when a pool was created without saying it.
    mode: pool.mode ?? 'User',
    count: pool.count ?? machines.reduce((sum, machine) => sum + (machine.count ?? 0), 0),
    vmSize: pool.vmSize ?? [...new Set(machines.flatMap(({ size }) => size ?? []))].join(', '),
    osType: pool.osType ?? 'Linux',
    provisioningState: pool.provisioningState,
    enableFips: pool.enableFIPS === true,
    secureBoot: pool.securityProfile?.enableSecureBoot === true,
    vtpm: pool.securityProfile?.enableVTPM === true,
    ...given('osSku', pool.osSKU),
    ...given('workloadRuntime', pool.workloadRuntime),
    ...given('nodeImageVersion', pool.nodeImageVersion),
    ...given('kubernetesVersion', pool.currentOrchestratorVersion ?? pool.orchestratorVersion),
    ...given('powerState', pool.powerState?.code),
    ...given('snapshotId', pool.creationData?.sourceResourceId),
  };
}

/** A property when there is a value for it, nothing otherwise. */
function given<K extends string>(name: K, value: string | null | undefined): { readonly [P in K]?: string } {
  return value == null ? {} : ({ [name]: value } as { readonly [P in K]?: string });
}

function assertNamedAsInId({ id, name }: { readonly id: string; readonly name: string }, context: z.RefinementCtx): void {
  if (parseClusterId(id)?.name.toLowerCase() === name.toLowerCase()) return;
  context.addIssue({ code: 'custom', path: ['name'], message: 'expected the name that the id ends with' });
}

function isClusterId(id: string): boolean {
  const parts = parseClusterId(id);
  return parts !== undefined && formatClusterId(parts) === id.toLowerCase();
}

function haveOwnNames(pools: readonly { readonly name: string }[]): boolean {
  return new Set(pools.map(({ name }) => name.toLowerCase())).size === pools.length;
}
