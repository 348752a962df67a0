const TEMPLATES = 'https://learn.microsoft.com/azure/templates';
const BUILT_IN_ROLES = 'https://learn.microsoft.com/azure/role-based-access-control/built-in-roles';

/** API versions that were checked to exist, each with where. A new one is looked up before it is added here. */
export const API_VERSIONS: ReadonlyMap<string, string> = new Map([
  ['Microsoft.Authorization/roleAssignments@2022-04-01', `${TEMPLATES}/microsoft.authorization/2022-04-01/roleassignments`],
  ['Microsoft.Authorization/roleDefinitions@2022-04-01', `${TEMPLATES}/microsoft.authorization/2022-04-01/roledefinitions`],
  ['Microsoft.ContainerService/managedClusters@2025-07-01', `${TEMPLATES}/microsoft.containerservice/2025-07-01/managedclusters`],
  ['Microsoft.EventGrid/systemTopics@2025-02-15', `${TEMPLATES}/microsoft.eventgrid/2025-02-15/systemtopics`],
  [
    'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15',
    `${TEMPLATES}/microsoft.eventgrid/2025-02-15/systemtopics/eventsubscriptions`,
  ],
  ['Microsoft.Graph/applications@v1.0', 'https://learn.microsoft.com/graph/templates/bicep/reference/applications'],
  [
    'Microsoft.Graph/applications/federatedIdentityCredentials@v1.0',
    'https://learn.microsoft.com/graph/templates/bicep/reference/federatedidentitycredentials',
  ],
  ['Microsoft.Graph/servicePrincipals@v1.0', 'https://learn.microsoft.com/graph/templates/bicep/reference/serviceprincipals'],
  ['Microsoft.Insights/actionGroups@2023-01-01', `${TEMPLATES}/microsoft.insights/2023-01-01/actiongroups`],
  ['Microsoft.Insights/components@2020-02-02', `${TEMPLATES}/microsoft.insights/2020-02-02/components`],
  ['Microsoft.Insights/scheduledQueryRules@2023-12-01', `${TEMPLATES}/microsoft.insights/2023-12-01/scheduledqueryrules`],
  ['Microsoft.KeyVault/vaults@2023-07-01', `${TEMPLATES}/microsoft.keyvault/2023-07-01/vaults`],
  ['Microsoft.KeyVault/vaults/keys@2023-07-01', `${TEMPLATES}/microsoft.keyvault/2023-07-01/vaults/keys`],
  [
    'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31',
    `${TEMPLATES}/microsoft.managedidentity/2023-01-31/userassignedidentities`,
  ],
  ['Microsoft.Network/privateDnsZones@2024-06-01', `${TEMPLATES}/microsoft.network/2024-06-01/privatednszones`],
  [
    'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01',
    `${TEMPLATES}/microsoft.network/2024-06-01/privatednszones/virtualnetworklinks`,
  ],
  ['Microsoft.Network/privateEndpoints@2024-05-01', `${TEMPLATES}/microsoft.network/2024-05-01/privateendpoints`],
  [
    'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01',
    `${TEMPLATES}/microsoft.network/2024-05-01/privateendpoints/privatednszonegroups`,
  ],
  ['Microsoft.Network/virtualNetworks@2024-05-01', `${TEMPLATES}/microsoft.network/2024-05-01/virtualnetworks`],
  ['Microsoft.OperationalInsights/workspaces@2023-09-01', `${TEMPLATES}/microsoft.operationalinsights/2023-09-01/workspaces`],
  ['Microsoft.Resources/resourceGroups@2024-03-01', `${TEMPLATES}/microsoft.resources/2024-03-01/resourcegroups`],
  ['Microsoft.Storage/storageAccounts@2023-05-01', `${TEMPLATES}/microsoft.storage/2023-05-01/storageaccounts`],
  ['Microsoft.Storage/storageAccounts/blobServices@2023-05-01', `${TEMPLATES}/microsoft.storage/2023-05-01/storageaccounts/blobservices`],
  [
    'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01',
    `${TEMPLATES}/microsoft.storage/2023-05-01/storageaccounts/blobservices/containers`,
  ],
  ['Microsoft.Storage/storageAccounts/queueServices@2023-05-01', `${TEMPLATES}/microsoft.storage/2023-05-01/storageaccounts/queueservices`],
  [
    'Microsoft.Storage/storageAccounts/queueServices/queues@2023-05-01',
    `${TEMPLATES}/microsoft.storage/2023-05-01/storageaccounts/queueservices/queues`,
  ],
  ['Microsoft.Storage/storageAccounts/tableServices@2023-05-01', `${TEMPLATES}/microsoft.storage/2023-05-01/storageaccounts/tableservices`],
  [
    'Microsoft.Storage/storageAccounts/tableServices/tables@2023-05-01',
    `${TEMPLATES}/microsoft.storage/2023-05-01/storageaccounts/tableservices/tables`,
  ],
  ['Microsoft.Web/serverfarms@2024-04-01', `${TEMPLATES}/microsoft.web/2024-04-01/serverfarms`],
  ['Microsoft.Web/sites@2024-04-01', `${TEMPLATES}/microsoft.web/2024-04-01/sites`],
  [
    'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01',
    `${TEMPLATES}/microsoft.web/2024-04-01/sites/basicpublishingcredentialspolicies-scm`,
  ],
  ['Microsoft.Web/sites/config@2024-04-01', `${TEMPLATES}/microsoft.web/2024-04-01/sites/config-appsettings`],
]);

/** Ids of built-in roles and of applications of Microsoft that were checked, each with its name and where. */
export const KNOWN_IDS: ReadonlyMap<string, string> = new Map([
  [
    '04b07795-8ddb-461a-bbee-02f9e1bf7b46',
    'Azure CLI: https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in',
  ],
  ['0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3', `Storage Table Data Contributor: ${BUILT_IN_ROLES}/storage`],
  ['12338af0-0e69-4776-bea7-57ae8d297424', `Key Vault Crypto User: ${BUILT_IN_ROLES}/security`],
  ['3913510d-42f4-4e42-8a64-420c390055eb', `Monitoring Metrics Publisher: ${BUILT_IN_ROLES}/monitor`],
  ['974c5e8b-45b9-4653-ba55-5f855dd0fb88', `Storage Queue Data Contributor: ${BUILT_IN_ROLES}/storage`],
  ['b7e6dc6d-f1e8-4753-8033-0f276bb0955b', `Storage Blob Data Owner: ${BUILT_IN_ROLES}/storage`],
  ['ba92f5b4-2d11-453d-a403-e96b0029c9fe', `Storage Blob Data Contributor: ${BUILT_IN_ROLES}/storage`],
]);
