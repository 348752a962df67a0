import { z } from 'zod';
import { type Deployment, ofType, type Resource } from './deployment.ts';

/** Ids of built-in roles that the templates may assign, each with its name: learn.microsoft.com/azure/role-based-access-control/built-in-roles. */
const BUILT_IN_ROLES: ReadonlyMap<string, string> = new Map([
  ['0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3', 'Storage Table Data Contributor'],
  ['3913510d-42f4-4e42-8a64-420c390055eb', 'Monitoring Metrics Publisher'],
  ['4633458b-17de-408a-b875-0445c86b69e6', 'Key Vault Secrets User'],
  ['974c5e8b-45b9-4653-ba55-5f855dd0fb88', 'Storage Queue Data Contributor'],
  ['b7e6dc6d-f1e8-4753-8033-0f276bb0955b', 'Storage Blob Data Owner'],
  ['ba92f5b4-2d11-453d-a403-e96b0029c9fe', 'Storage Blob Data Contributor'],
]);

/** The rules for names: learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules. */
const NAMES: Readonly<Record<string, RegExp>> = {
  'Microsoft.EventGrid/systemTopics': /^[A-Za-z0-9-]{3,50}$/,
  'Microsoft.EventGrid/systemTopics/eventSubscriptions': /^[A-Za-z0-9-]{3,64}$/,
  'Microsoft.Insights/components': /^[^%&\\?/]{1,260}(?<![ .])$/,
  'Microsoft.KeyVault/vaults': /^[A-Za-z](?!.*--)[A-Za-z0-9-]{1,22}[A-Za-z0-9]$/,
  'Microsoft.ManagedIdentity/userAssignedIdentities': /^[A-Za-z0-9][A-Za-z0-9_-]{2,127}$/,
  'Microsoft.OperationalInsights/workspaces': /^[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]$/,
  'Microsoft.Resources/resourceGroups': /^[\w().-]{1,90}(?<!\.)$/,
  'Microsoft.Storage/storageAccounts': /^[a-z0-9]{3,24}$/,
  'Microsoft.Storage/storageAccounts/blobServices/containers': /^[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]$/,
  'Microsoft.Storage/storageAccounts/queueServices/queues': /^[a-z0-9](?!.*--)[a-z0-9-]{1,61}[a-z0-9]$/,
  'Microsoft.Storage/storageAccounts/tableServices/tables': /^[A-Za-z][A-Za-z0-9]{2,62}$/,
  'Microsoft.Web/serverfarms': /^[A-Za-z0-9-]{1,60}$/,
  'Microsoft.Web/sites': /^[A-Za-z0-9][A-Za-z0-9-]{0,58}[A-Za-z0-9]$/,
};

/** The properties that each resource of a type must have, so that nothing is exposed. */
const CLOSED: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'Microsoft.Storage/storageAccounts': {
    allowBlobPublicAccess: false,
    allowCrossTenantReplication: false,
    allowSharedKeyAccess: false,
    minimumTlsVersion: 'TLS1_2',
    supportsHttpsTrafficOnly: true,
  },
  'Microsoft.Storage/storageAccounts/blobServices/containers': { publicAccess: 'None' },
  'Microsoft.KeyVault/vaults': { enableRbacAuthorization: true, enablePurgeProtection: true },
  'Microsoft.Insights/components': { DisableLocalAuth: true },
  'Microsoft.Web/sites': { httpsOnly: true },
  'Microsoft.Web/sites/basicPublishingCredentialsPolicies': { allow: false },
};

const assignment = z.looseObject({ roleDefinitionId: z.string(), principalType: z.string(), principalId: z.string() });

/** What is exposed, has an invalid name, or is granted too broadly, in any of the deployments. */
export function exposureProblems({ evaluated }: Deployment): readonly string[] {
  const all = [...evaluated].flatMap(([deployment, resources]) =>
    resources.flatMap((one) =>
      [
        ...closedProblems(one),
        ...nameProblems(one),
        ...topicProblems(one),
        ...assignmentProblems(one, resources),
        ...roleNameProblems(one),
      ].map((problem) => `${deployment}: ${problem}`),
    ),
  );
  return [...all, ...networkProblems(evaluated.get('main-full') ?? [])];
}

function closedProblems({ type, name, properties = {} }: Resource): readonly string[] {
  const cors = z.looseObject({ siteConfig: z.looseObject({ cors: z.unknown().optional() }) }).safeParse(properties).data?.siteConfig.cors;
  return [
    ...Object.entries(CLOSED[type] ?? {})
      .filter(([key, value]) => properties[key] !== value)
      .map(([key, value]) => `${type} ${name} has ${key} ${JSON.stringify(properties[key])} in place of ${JSON.stringify(value)}`),
    ...(cors === undefined ? [] : [`${type} ${name} lets pages of other origins read the API`]),
  ];
}

function nameProblems({ type, name = '' }: Resource): readonly string[] {
  const own = name.split('/').at(-1) ?? '';
  return NAMES[type]?.test(own) === false ? [`${type} may not be named ${own}`] : [];
}

/** Azure refuses an identity on a global topic, and dead letters of an event subscription need one: azure-cli#18002. */
function topicProblems({ type, name = '', location, identity, properties = {} }: Resource): readonly string[] {
  if (type === 'Microsoft.EventGrid/systemTopics') {
    const global = properties.topicType === 'Microsoft.Resources.Subscriptions';
    if (global !== (location === 'global')) return [`the topic ${name} lies in ${location}`];
    return global === (identity === undefined) ? [] : [`the topic ${name} ${global ? 'is global and has an identity' : 'has no identity'}`];
  }
  if (type !== 'Microsoft.EventGrid/systemTopics/eventSubscriptions') return [];
  const ofSubscription = JSON.stringify(properties.filter).includes('Microsoft.Resources.');
  const dead = properties.deadLetterWithResourceIdentity ?? undefined;
  return [
    ...(/-[a-z0-9]{13}$/.test(name) ? [] : [`the event subscription ${name} does not carry the token of its deployment`]),
    ...(ofSubscription && dead !== undefined
      ? [`the event subscription ${name} writes dead letters, which its topic has no identity for`]
      : []),
  ];
}

function assignmentProblems({ type, id = '', properties }: Resource, resources: readonly Resource[]): readonly string[] {
  if (type !== 'Microsoft.Authorization/roleAssignments') return [];
  const { roleDefinitionId, principalType, principalId } = assignment.parse(properties);
  const role = roleDefinitionId.split('/').at(-1) ?? '';
  const own = ofType(resources, 'Microsoft.Authorization/roleDefinitions').find((definition) => definition.name === role);
  const roleName = String(own?.properties?.roleName ?? '');
  const onAccount = /storageAccounts\/[^/]+\/providers\/Microsoft\.Authorization/.test(id);
  return [
    ...(roleName.includes(' Prober ') === principalId.includes('/id-kataudit-probe-')
      ? []
      : [`${id} gives a probe’s role to another identity, or its identity another role`]),
    ...(!roleName.includes('Canary') || /\/namespaces\/[^/]+\/providers\//.test(id) ? [] : [`${id} gives canaries more than a namespace`]),
    ...(own !== undefined || BUILT_IN_ROLES.has(role) ? [] : [`${id} assigns the role ${role}, which nobody checked`]),
    // The package is in the same account: code written there runs as the app.
    ...(principalType !== 'ServicePrincipal' && onAccount && BUILT_IN_ROLES.get(role) !== 'Storage Table Data Contributor'
      ? [`${id} gives people the whole account`]
      : []),
  ];
}

/** Names of roles are unique in a tenant: a second environment or region would collide. */
function roleNameProblems({ type, properties = {} }: Resource): readonly string[] {
  const { roleName } = properties;
  if (type !== 'Microsoft.Authorization/roleDefinitions' || / [a-z0-9]{13}[,)]/.test(String(roleName))) return [];
  return [`the role ${String(roleName)} does not carry the token of its deployment`];
}

/** With a network, storage and Key Vault are reachable only by their private endpoints. */
function networkProblems(resources: readonly Resource[]): readonly string[] {
  const services = [...ofType(resources, 'Microsoft.Storage/storageAccounts'), ...ofType(resources, 'Microsoft.KeyVault/vaults')];
  return services
    .filter(({ properties = {} }) => String(properties.publicNetworkAccess).toLowerCase() !== 'disabled')
    .map(({ name }) => `main-full: ${name} answers on the internet`);
}
