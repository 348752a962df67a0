targetScope = 'subscription'

metadata description = 'Kataudit: audits Kata pod sandboxing on AKS. Deploys the function app and everything it needs.'

@minLength(1)
@maxLength(64)
@description('Name of the environment; every resource name is made of it.')
param environmentName string

@minLength(1)
@description('Region of all resources. Must offer Flex Consumption.')
@metadata({ azd: { type: 'location' } })
param location string

@description('Subscriptions to audit: GUIDs separated by commas. Empty: the subscription that is deployed to.')
param auditedSubscriptions string = ''

@description('Management groups whose subscriptions are audited, separated by commas. Their roles are assigned apart: see docs/operate.md.')
param managementGroups string = ''

@description('When an audit starts: NCRONTAB of six fields, seconds first, UTC.')
param schedule string = '0 0 */6 * * *'

@minValue(1)
@maxValue(23)
@description('The longest time between two audits that the schedule gives, in hours; the alert waits for twice as long.')
param auditIntervalHours int = 6

@description('The policy: a blob as container/name in the storage account of the app.')
param policy string = 'policy/policy.yaml'

@description('How long a burst of events on one cluster settles before its scan, in seconds.')
param settleSeconds string = '15'

@description('Scans of one audit start spread over this many seconds.')
param jitterSeconds string = '60'

@allowed(['off', 'exec', 'canary'])
@description('The isolation probe. exec runs commands in sandboxed pods, canary starts a pod: both need the probe role, which is assigned when this is not off.')
param probe string = 'off'

@secure()
@description('A webhook that is told of findings that open, come back and resolve; empty: nobody is told.')
param notifyUrl string = ''

@allowed(['cloudevents', 'slack', 'teams'])
@description('What the webhook takes.')
param notifyFormat string = 'cloudevents'

@allowed(['critical', 'high', 'medium', 'low', 'info'])
@description('The webhook is told of findings at least this severe.')
param notifySeverity string = 'high'

@secure()
@description('Signs what is sent to the webhook; empty: unsigned.')
param notifySecret string = ''

@allowed(['22', '24'])
@description('Version of Node.js. Check with: az functionapp list-flexconsumption-runtimes --location REGION --runtime node')
param nodeVersion string = '24'

@minValue(1)
@maxValue(1000)
@description('The most instances of each function: the budget of cost and of calls to Azure and to clusters.')
param maximumInstanceCount int = 40

@allowed([512, 2048, 4096])
@description('Memory of one instance, in MB.')
param instanceMemoryMB int = 2048

@description('Whether Entra ID guards the app (Easy Auth). The person who deploys must then be allowed to register applications.')
param entraSignIn bool = true

@description('A reference that some tenants demand of each app registration (a service tree id).')
param serviceManagementReference string = ''

@description('Whether the app joins a virtual network, which private clusters need. Storage and Key Vault are then closed to the internet.')
param vnetEnabled bool = false

@description('Address range of the virtual network. Must not overlap the networks of the clusters that it is peered with.')
param vnetAddressPrefix string = '10.219.0.0/24'

@description('Whether a Key Vault with a key for signing evidence is deployed.')
param evidenceKeyEnabled bool = false

@description('Who is told by email when an alert fires. Empty: alerts show in the portal only.')
param alertEmail string = ''

@description('Days that logs are kept.')
param logRetentionDays int = 30

@description('Object id of a person or group who may read and write the storage of the app, for support. Empty: nobody.')
param supportPrincipalId string = ''

@allowed(['User', 'Group', 'ServicePrincipal'])
@description('What the support principal is.')
param supportPrincipalType string = 'Group'

var abbreviations = loadJsonContent('./abbreviations.json')
var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = { 'azd-env-name': environmentName }
var givenSubscriptions = filter(split(replace(auditedSubscriptions, ' ', ''), ','), id => !empty(id))
var nobodyNamed = empty(givenSubscriptions) && empty(managementGroups)
var subscriptionIds = nobodyNamed ? [subscription().subscriptionId] : givenSubscriptions
var functionAppName = '${abbreviations.webSitesFunctions}kataudit-${token}'

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: '${abbreviations.resourcesResourceGroups}${environmentName}'
  location: location
  tags: tags
}

module identities 'app/identities.bicep' = {
  name: 'kataudit-identities'
  scope: group
  params: {
    location: location
    tags: tags
    appIdentityName: '${abbreviations.managedIdentityUserAssignedIdentities}kataudit-${token}'
    eventIdentityName: '${abbreviations.managedIdentityUserAssignedIdentities}kataudit-events-${token}'
  }
}

module monitoring 'app/monitoring.bicep' = {
  name: 'kataudit-monitoring'
  scope: group
  params: {
    location: location
    tags: tags
    workspaceName: '${abbreviations.operationalInsightsWorkspaces}${token}'
    applicationInsightsName: '${abbreviations.insightsComponents}${token}'
    retentionDays: logRetentionDays
  }
}

module network 'app/network.bicep' = if (vnetEnabled) {
  name: 'kataudit-network'
  scope: group
  params: {
    location: location
    tags: tags
    name: '${abbreviations.networkVirtualNetworks}${token}'
    addressPrefix: vnetAddressPrefix
  }
}

module storage 'app/storage.bicep' = {
  name: 'kataudit-storage'
  scope: group
  params: {
    location: location
    tags: tags
    name: '${abbreviations.storageStorageAccounts}${token}'
    publicAccess: !vnetEnabled
  }
}

module evidenceKey 'app/evidence-key.bicep' = if (evidenceKeyEnabled) {
  name: 'kataudit-evidence-key'
  scope: group
  params: {
    location: location
    tags: tags
    vaultName: '${abbreviations.keyVaultVaults}${token}'
    signerPrincipalId: identities.outputs.appPrincipalId
    publicAccess: !vnetEnabled
  }
}

module storageEndpoints 'app/private-endpoints.bicep' = if (vnetEnabled) {
  name: 'kataudit-private-endpoints'
  scope: group
  params: {
    location: location
    tags: tags
    namePrefix: abbreviations.networkPrivateEndpoints
    networkName: vnetEnabled ? network!.outputs.name : ''
    subnetId: vnetEnabled ? network!.outputs.endpointSubnetId : ''
    storageAccountName: storage.outputs.name
    vaultName: evidenceKeyEnabled ? evidenceKey!.outputs.vaultName : ''
  }
}

module access 'app/access.bicep' = {
  name: 'kataudit-access'
  scope: group
  params: {
    storageAccountName: storage.outputs.name
    applicationInsightsName: monitoring.outputs.applicationInsightsName
    appPrincipalId: identities.outputs.appPrincipalId
    eventPrincipalId: identities.outputs.eventPrincipalId
    supportPrincipalId: supportPrincipalId
    supportPrincipalType: supportPrincipalType
  }
}

module application 'app/application.bicep' = if (entraSignIn) {
  name: 'kataudit-application'
  scope: group
  params: {
    uniqueName: 'kataudit-${token}'
    displayName: 'Kataudit (${environmentName})'
    functionAppName: functionAppName
    managedIdentityPrincipalId: identities.outputs.appPrincipalId
    serviceManagementReference: serviceManagementReference
  }
}

module functionApp 'app/function-app.bicep' = {
  name: 'kataudit-function-app'
  scope: group
  params: {
    location: location
    tags: tags
    planName: '${abbreviations.webServerFarms}${token}'
    name: functionAppName
    nodeVersion: nodeVersion
    maximumInstanceCount: maximumInstanceCount
    instanceMemoryMB: instanceMemoryMB
    identityId: identities.outputs.appIdentityId
    identityClientId: identities.outputs.appClientId
    storageAccountName: storage.outputs.name
    packageContainerName: storage.outputs.packageContainerName
    applicationInsightsName: monitoring.outputs.applicationInsightsName
    subnetId: vnetEnabled ? network!.outputs.appSubnetId : ''
    applicationClientId: entraSignIn ? application!.outputs.clientId : ''
    applicationIdUri: entraSignIn ? application!.outputs.identifierUri : ''
    subscriptions: join(subscriptionIds, ',')
    managementGroups: managementGroups
    schedule: schedule
    policy: policy
    settleSeconds: settleSeconds
    jitterSeconds: jitterSeconds
    probe: probe
    notifyUrl: notifyUrl
    notifyFormat: notifyFormat
    notifySeverity: notifySeverity
    notifySecret: notifySecret
    signingKeyUri: evidenceKeyEnabled ? evidenceKey!.outputs.keyUri : ''
  }
  dependsOn: [access, storageEndpoints]
}

module alerts 'app/alerts.bicep' = {
  name: 'kataudit-alerts'
  scope: group
  params: {
    location: location
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    namePrefix: '${abbreviations.insightsScheduledQueryRules}kataudit-'
    actionGroupName: '${abbreviations.insightsActionGroups}kataudit-${token}'
    email: alertEmail
    auditIntervalHours: auditIntervalHours
  }
}

module roles 'roles/definitions.bicep' = {
  name: 'kataudit-roles'
  params: {
    nameSuffix: environmentName
    seed: token
    assignableSubscriptionIds: union([subscription().subscriptionId], subscriptionIds)
  }
}

module auditorAssignments 'roles/assignment.bicep' = [
  for id in subscriptionIds: {
    name: 'kataudit-auditor-${take(id, 8)}'
    scope: subscription(id)
    params: {
      roleDefinitionGuid: roles.outputs.auditorRoleGuid
      principalId: identities.outputs.appPrincipalId
      reason: 'Kataudit ${environmentName} reads AKS clusters.'
    }
  }
]

module proberAssignments 'roles/assignment.bicep' = [
  for id in subscriptionIds: if (probe != 'off') {
    name: 'kataudit-prober-${take(id, 8)}'
    scope: subscription(id)
    params: {
      roleDefinitionGuid: probe == 'exec' ? roles.outputs.execProberRoleGuid : roles.outputs.canaryProberRoleGuid
      principalId: identities.outputs.appPrincipalId
      reason: 'Kataudit ${environmentName} probes the isolation of pods (${probe}).'
    }
  }
]

output AZURE_LOCATION string = location
output AZURE_TENANT_ID string = tenant().tenantId
output AZURE_RESOURCE_GROUP string = group.name
output SERVICE_API_NAME string = functionApp.outputs.name
output SERVICE_API_URI string = 'https://${functionApp.outputs.hostName}'
output KATAUDIT_STORAGE_ACCOUNT string = storage.outputs.name
output KATAUDIT_IDENTITY_PRINCIPAL_ID string = identities.outputs.appPrincipalId
output KATAUDIT_EVENT_IDENTITY_ID string = identities.outputs.eventIdentityId
output KATAUDIT_AUDITED_SUBSCRIPTIONS string = join(subscriptionIds, ',')
output KATAUDIT_APPLICATION_ID_URI string = entraSignIn ? application!.outputs.identifierUri : ''
