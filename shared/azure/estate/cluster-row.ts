import { z } from 'zod';
import { Fault } from '../../domain/snapshot/fault.ts';
import { formatClusterId, parseClusterId } from '../../domain/snapshot/resource-id.ts';
import type { Cluster, ClusterSettings } from '../../domain/snapshot/snapshot.ts';
import type { ListedCluster } from '../../ports/azure-estate.ts';
import { FieldReader, withoutAbsent } from './field-reader.ts';
import { poolsOf } from './pool-row.ts';

/*
 * A cluster as Azure Resource Manager and Resource Graph return it. Only its id is required: in the
 * models of `@azure/arm-containerservice` every other field that is judged may be absent, and an
 * invalid one affects only what depends on it.
 */
const Row = z.looseObject({ id: z.string() });
const PROVISIONING = /^(Manual|Auto)$/i;

/** The minimum of a response about one cluster: an object with an id. */
export const ClusterRow = Row;

/** Returns the schema of one page of a list of Azure Resource Manager. */
export function pageOf<T>(row: z.ZodType<T>) {
  // Services written in Go encode an empty list as null; an absent list is invalid.
  const rows = z
    .array(row)
    .nullable()
    .transform((value) => value ?? []);
  return z.object({ value: rows, nextLink: z.string().nullish() });
}

/** Returns the identity of a cluster; a text that describes the row if its id is not the id of a cluster. */
export function toCluster(row: unknown): Cluster | string {
  const { success, data } = Row.safeParse(row);
  if (!success) return 'an entry without an id';
  const parts = parseClusterId(data.id);
  const id = parts === undefined ? undefined : formatClusterId(parts);
  if (parts === undefined || id !== data.id.toLowerCase()) return `an entry with the id ${JSON.stringify(data.id.slice(0, 200))}`;
  const fields = new FieldReader(row);
  const name = fields.text('name');
  return {
    id,
    // The id ends with the name, but only the name keeps its upper and lower case.
    name: name?.toLowerCase() === parts.name.toLowerCase() ? name : parts.name,
    subscriptionId: parts.subscriptionId,
    resourceGroup: parts.resourceGroup,
    // Azure stores `westeurope` and displays `West Europe`.
    location: (fields.text('location') ?? '').toLowerCase().replaceAll(' ', ''),
    tags: tagsOf(fields),
    ...(fields.unread.length === 0 ? {} : { unread: fields.unread }),
  };
}

/** Returns the tags with text values; another value is noted, because a policy may select by it. */
function tagsOf(fields: FieldReader): Cluster['tags'] {
  const tags = fields.read('tags', 'tags', z.record(z.string(), z.unknown(), 'expected an object')) ?? {};
  const texts = Object.entries(tags).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  const other = Object.entries(tags).find(([, value]) => typeof value !== 'string' && value !== null);
  if (other !== undefined) fields.note('tags', `tags.${other[0]}`, 'expected a text');
  return Object.fromEntries(texts);
}

/** Converts a response about one cluster to the domain's type; throws `Fault('malformed')` if it does not identify a cluster. */
export function toListedCluster(row: unknown): ListedCluster {
  const cluster = toCluster(row);
  if (typeof cluster === 'string') throw new Fault('malformed', `The response is malformed: expected a cluster, got ${cluster}.`);
  const properties = z.looseObject({}).safeParse(row).data?.properties;
  return { cluster, settings: settingsOf(properties), nodePools: poolsOf(properties) };
}

function settingsOf(properties: unknown): ClusterSettings {
  const fields = new FieldReader(properties, 'properties');
  const settings = {
    kubernetesVersion: fields.text('kubernetesVersion', 'currentKubernetesVersion') ?? fields.text('kubernetesVersion'),
    // If Azure does not return it, the cluster counts neither as running nor as stopped.
    powerState: fields.text('powerState', 'powerState.code') ?? 'Unknown',
    provisioningState: fields.text('provisioningState'),
    privateCluster: fields.flag('privateCluster', 'apiServerAccessProfile.enablePrivateCluster'),
    publicFqdn: fields.flag('publicFqdn', 'apiServerAccessProfile.enablePrivateClusterPublicFQDN'),
    entraIntegrated: fields.flag('entraIntegrated', 'aadProfile.managed'),
    azureRbac: fields.flag('azureRbac', 'aadProfile.enableAzureRBAC'),
    localAccountsDisabled: fields.flag('localAccountsDisabled', 'disableLocalAccounts'),
    upgradeChannel: fields.text('upgradeChannel', 'autoUpgradeProfile.upgradeChannel'),
    nodeOsUpgradeChannel: fields.text('nodeOsUpgradeChannel', 'autoUpgradeProfile.nodeOSUpgradeChannel'),
    fqdn: fields.text('fqdn'),
    privateFqdn: fields.text('privateFqdn', 'privateFQDN'),
    resourceUid: fields.text('resourceUid', 'resourceUID'),
    nodeProvisioning: fields.oneOf('nodeProvisioning', 'nodeProvisioningProfile.mode', PROVISIONING),
  };
  return { ...withoutAbsent(settings), ...(fields.unread.length === 0 ? {} : { unread: fields.unread }) };
}
