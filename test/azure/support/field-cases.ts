/** A field of a cluster or pool in Azure's format, and what depends on it. */
export interface FieldCase {
  /** Its path in the object, with names separated by dots. */
  readonly path: string;
  /** The property of the domain that it fills. */
  readonly of: string;
  readonly kind: 'text' | 'flag' | 'count';
  /** A value that no specification lists, where a guess would mislead: it is unreadable. */
  readonly unknownIsUnread?: true;
}

/**
 * Every field that is read of a pool. By the models of `@azure/arm-containerservice` 25.5.0
 * (ManagedClusterAgentPoolProfile) only `name` is required: each of these may be absent.
 */
export const POOL_FIELDS: readonly FieldCase[] = [
  { path: 'mode', of: 'mode', kind: 'text' },
  { path: 'count', of: 'count', kind: 'count' },
  { path: 'vmSize', of: 'vmSize', kind: 'text' },
  { path: 'osType', of: 'osType', kind: 'text' },
  { path: 'osSKU', of: 'osSku', kind: 'text' },
  { path: 'workloadRuntime', of: 'workloadRuntime', kind: 'text', unknownIsUnread: true },
  { path: 'nodeImageVersion', of: 'nodeImageVersion', kind: 'text' },
  { path: 'currentOrchestratorVersion', of: 'kubernetesVersion', kind: 'text' },
  { path: 'provisioningState', of: 'provisioningState', kind: 'text' },
  { path: 'powerState.code', of: 'powerState', kind: 'text', unknownIsUnread: true },
  { path: 'enableFIPS', of: 'enableFips', kind: 'flag' },
  { path: 'securityProfile.enableSecureBoot', of: 'secureBoot', kind: 'flag' },
  { path: 'securityProfile.enableVTPM', of: 'vtpm', kind: 'flag' },
  { path: 'creationData.sourceResourceId', of: 'snapshotId', kind: 'text' },
];

/** Every field that is read of a cluster's properties; by the models (ManagedClusterProperties) each may be absent. */
export const CLUSTER_FIELDS: readonly FieldCase[] = [
  { path: 'currentKubernetesVersion', of: 'kubernetesVersion', kind: 'text' },
  { path: 'powerState.code', of: 'powerState', kind: 'text' },
  { path: 'provisioningState', of: 'provisioningState', kind: 'text' },
  { path: 'apiServerAccessProfile.enablePrivateCluster', of: 'privateCluster', kind: 'flag' },
  { path: 'apiServerAccessProfile.enablePrivateClusterPublicFQDN', of: 'publicFqdn', kind: 'flag' },
  { path: 'aadProfile.managed', of: 'entraIntegrated', kind: 'flag' },
  { path: 'aadProfile.enableAzureRBAC', of: 'azureRbac', kind: 'flag' },
  { path: 'disableLocalAccounts', of: 'localAccountsDisabled', kind: 'flag' },
  { path: 'autoUpgradeProfile.upgradeChannel', of: 'upgradeChannel', kind: 'text' },
  { path: 'autoUpgradeProfile.nodeOSUpgradeChannel', of: 'nodeOsUpgradeChannel', kind: 'text' },
  { path: 'nodeProvisioningProfile.mode', of: 'nodeProvisioning', kind: 'text', unknownIsUnread: true },
  { path: 'fqdn', of: 'fqdn', kind: 'text' },
  { path: 'privateFQDN', of: 'privateFqdn', kind: 'text' },
  { path: 'resourceUID', of: 'resourceUid', kind: 'text' },
];

/** The ways in which a field can be invalid. `absent` and `null` mean that Azure says nothing; the others are unreadable. */
export const WAYS = ['absent', 'null', 'empty', 'unknown', 'wrong type', 'control characters'] as const;
export type Way = (typeof WAYS)[number];

/** The value of the field in such a way. */
export function valueIn(way: Way, kind: FieldCase['kind']): unknown {
  const values: Readonly<Record<Way, unknown>> = {
    absent: undefined,
    null: null,
    empty: kind === 'text' ? '' : [],
    unknown: kind === 'text' ? 'Moonshine' : kind === 'flag' ? 'true' : 1.5,
    'wrong type': kind === 'text' ? 7 : 'seven',
    'control characters': kind === 'text' ? 'a\u0007b' : { an: 'object' },
  };
  return values[way];
}

/** Whether a field with such a value is unreadable. */
export function isUnread({ kind, unknownIsUnread }: FieldCase, way: Way): boolean {
  if (way === 'absent' || way === 'null') return false;
  return way !== 'unknown' || kind !== 'text' || unknownIsUnread === true;
}

/** A copy of the object with the value at a path replaced; `undefined` removes it. */
export function withField(row: unknown, path: string, value: unknown): Record<string, unknown> {
  const [name = '', ...rest] = path.split('.');
  const record = typeof row === 'object' && row !== null ? Object.fromEntries(Object.entries(row)) : {};
  return { ...record, [name]: rest.length === 0 ? value : withField(record[name], rest.join('.'), value) };
}
