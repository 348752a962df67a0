targetScope = 'subscription'

import { probeScopesOf } from 'settings.bicep'
import { subscriptionId, tagSet } from 'types.bicep'

metadata description = 'Kataudit: audits Kata pod sandboxing on AKS. Deploys the function app and everything it needs.'

@minLength(1)
@maxLength(64)
@description('Name of the environment; every resource name is derived from it.')
param environmentName string

@minLength(1)
@description('Region of all resources. Must offer Flex Consumption.')
@metadata({ azd: { type: 'location' } })
param location string

@description('Subscriptions to audit: GUIDs separated by commas. Empty: the subscription that is deployed to.')
param auditedSubscriptions string = ''

@description('Management groups whose subscriptions are audited, separated by commas. Their roles are assigned separately: see docs/operate.md.')
param managementGroups string = ''

@description('When an audit starts: NCRONTAB of six fields, seconds first, UTC.')
param schedule string = '0 0 */6 * * *'

@minValue(1)
@maxValue(23)
@description('Longest time between two audits of the schedule, in hours; an alert fires after it.')
param auditIntervalHours int = 6

@description('The policy: a blob as container/name in the storage account of the app.')
param policy string = 'policy/policy.yaml'

@description('How long a burst of events on one cluster settles before its scan, in seconds.')
param settleSeconds string = '15'

@description('Number of seconds over which the scans of one audit are spread.')
param jitterSeconds string = '60'

@allowed(['off', 'exec', 'canary'])
@description('The isolation probe. exec runs commands in sandboxed pods, canary starts a pod: each needs a separate role, see probeScopes.')
param probe string = 'off'

@description('Where the probe may work: ARM ids separated by commas, of a cluster (exec) or of a namespace in it, as CLUSTER/namespaces/NAME (exec and canary).')
param probeScopes string = ''

@description('Whether the app may list persistent volumes, to find node directories behind claims of sandboxed pods. Needs a separate role.')
param readVolumes bool = false

@description('Whether the app may list Deployments, StatefulSets, DaemonSets and CronJobs, to judge their next pods. Needs a separate role.')
param readTemplates bool = false

@secure()
@description('Webhook that receives notifications when findings open, reopen and resolve; empty: none.')
param notifyUrl string = ''

@allowed(['cloudevents', 'slack', 'teams'])
@description('Format of the notifications.')
param notifyFormat string = 'cloudevents'

@allowed(['critical', 'high', 'medium', 'low', 'info'])
@description('Only findings at least this severe are sent to the webhook.')
param notifySeverity string = 'high'

@secure()
@description('Secret that signs notifications to the webhook; empty: unsigned.')
param notifySecret string = ''

@secure()
@description('More settings: KATAUDIT_TARGET_… of the policy’s notification targets and OTEL_EXPORTER_…, as NAME=VALUE separated by spaces.')
param moreSettings string = ''

@description('ARM id of the Key Vault that settings such as notifyUrl refer to, as @Microsoft.KeyVault(SecretUri=…); empty: none does.')
param referencedVaultId string = ''

@allowed(['22', '24'])
@description('Version of Node.js. Check with: az functionapp list-flexconsumption-runtimes --location REGION --runtime node')
param nodeVersion string = '24'

@minValue(1)
@maxValue(1000)
@description('Maximum number of instances of each function, which limits cost and calls to Azure and to clusters.')
param maximumInstanceCount int = 40

@allowed([512, 2048, 4096])
@description('Memory of one instance, in MB.')
param instanceMemoryMB int = 2048

@allowed(['required', 'or-key', 'off'])
@description('How callers authenticate: required (sign-in with Entra ID), or-key (sign-in or a key) or off (only keys). Unless off, the person who deploys must be allowed to register applications.')
param signIn string = 'required'

@description('SHA-256 digests, in hexadecimal, of up to two keys that may read, separated by a comma.')
param readerKeys string = ''

@description('SHA-256 digests, in hexadecimal, of up to two keys that may read and write, separated by a comma.')
param operatorKeys string = ''

@description('The public address of the app (https://HOST), if it is not the one that Azure assigns.')
param publicUrl string = ''

@description('A reference that some tenants require for each app registration (a service tree id).')
param serviceManagementReference string = ''

@description('Whether the app joins a virtual network, which private clusters need. Storage and Key Vault are then closed to the internet.')
param vnetEnabled bool = false

@description('Address range of the virtual network. Must not overlap the networks of the clusters that it is peered with.')
param vnetAddressPrefix string = '10.219.0.0/24'

@description('Whether a Key Vault with a key for signing evidence is deployed.')
param evidenceKeyEnabled bool = false

@allowed(['off', 'on'])
@description('Whether AKS’s public vulnerability data is queried for images that lag.')
param vulnerabilities string = 'off'

@allowed(['auto', 'on', 'off'])
@description('Whether API servers may compress what they send; auto: only where the first byte takes longer than 5 ms.')
param gzip string = 'auto'

@description('Maximum number of clusters with their own Prometheus metrics in addition to the totals; 0: none.')
param clusterMetrics string = '0'

@allowed(['off', 'on', 'withdraw'])
@description('Whether findings are written to Microsoft Defender for Cloud. withdraw deletes them again; switch it off only after that.')
param defender string = 'off'

@allowed(['off', 'on', 'withdraw'])
@description('Whether clusters are attested to Azure Policy, by a manual policy that is assigned in each audited subscription. Needs evidenceKeyEnabled. withdraw deletes the attestations again; switch it off only after that.')
param attestations string = 'off'

@description('ARM id of an assignment of the manual policy above the subscriptions, such as infra/roles/management-group.bicep makes. Empty: the policy is assigned in each audited subscription.')
param policyAssignment string = ''

@description('Email address that receives alerts. Empty: alerts show only in the portal.')
param alertEmail string = ''

@description('Days that logs are kept.')
param logRetentionDays int = 30

@description('Object id of a person or group who may send the policy and back up the tables. Empty: nobody.')
param supportPrincipalId string = ''

@allowed(['User', 'Group', 'ServicePrincipal'])
@description('What the support principal is.')
param supportPrincipalType string = 'Group'

var abbreviations = loadJsonContent('./abbreviations.json')
var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags tagSet = { 'azd-env-name': environmentName }
var givenSubscriptions = filter(split(replace(auditedSubscriptions, ' ', ''), ','), id => !empty(id))
var nobodyNamed = empty(givenSubscriptions) && empty(managementGroups)
var subscriptionIds subscriptionId[] = nobodyNamed ? [subscription().subscriptionId] : givenSubscriptions
var entraSignIn = signIn != 'off'
var policyName = 'kataudit-${token}'
var probedScopes = probeScopesOf(probe, probeScopes)
var probedSubscriptions = map(probedScopes, id => toLower(split(id, '/')[2]))

// Every name is computed here, because a preview does not know the outputs of a module.
var groupName = '${abbreviations.resourcesResourceGroups}${environmentName}'
var appIdentityName = '${abbreviations.managedIdentityUserAssignedIdentities}kataudit-${token}'
var probeIdentityName = probe == 'off'
  ? ''
  : '${abbreviations.managedIdentityUserAssignedIdentities}kataudit-probe-${token}'
var eventIdentityName = '${abbreviations.managedIdentityUserAssignedIdentities}kataudit-events-${token}'
var workspaceName = '${abbreviations.operationalInsightsWorkspaces}${token}'
var applicationInsightsName = '${abbreviations.insightsComponents}${token}'
var networkName = '${abbreviations.networkVirtualNetworks}${token}'
var storageAccountName = '${abbreviations.storageStorageAccounts}${token}'
var vaultName = '${abbreviations.keyVaultVaults}${token}'
var functionAppName = '${abbreviations.webSitesFunctions}kataudit-${token}'
// Names of roles are unique in a tenant, and one environment may be deployed to two regions.
var roleSuffix = '${environmentName}, ${token}'

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: groupName
  location: location
  tags: tags
}

// First, so that minutes pass before a role is assigned: a definition takes time to replicate.
module roles 'roles/definitions.bicep' = {
  params: {
    nameSuffix: roleSuffix
    seed: token
    assignableSubscriptionIds: union([subscription().subscriptionId], subscriptionIds, probedSubscriptions)
    defenderEnabled: defender != 'off'
    attestationsEnabled: attestations != 'off'
  }
}

module identities 'app/identities.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    appIdentityName: appIdentityName
    eventIdentityName: eventIdentityName
    probeIdentityName: probeIdentityName
  }
}

module monitoring 'app/monitoring.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    workspaceName: workspaceName
    applicationInsightsName: applicationInsightsName
    retentionDays: logRetentionDays
  }
}

module network 'app/network.bicep' = if (vnetEnabled) {
  scope: group
  params: {
    location: location
    tags: tags
    name: networkName
    addressPrefix: vnetAddressPrefix
  }
}

module storage 'app/storage.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    name: storageAccountName
    publicAccess: !vnetEnabled
  }
}

module evidenceKey 'app/evidence-key.bicep' = if (evidenceKeyEnabled) {
  scope: group
  params: {
    location: location
    tags: tags
    vaultName: vaultName
    signerIdentityName: appIdentityName
    signerRoleId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', guid(token, 'signer'))
    publicAccess: !vnetEnabled
  }
  dependsOn: [identities, roles]
}

module storageEndpoints 'app/private-endpoints.bicep' = if (vnetEnabled) {
  scope: group
  params: {
    location: location
    tags: tags
    namePrefix: abbreviations.networkPrivateEndpoints
    networkName: networkName
    storageAccountName: storageAccountName
    vaultName: evidenceKeyEnabled ? vaultName : ''
  }
  dependsOn: [evidenceKey, network, storage]
}

module access 'app/access.bicep' = {
  scope: group
  params: {
    storageAccountName: storageAccountName
    applicationInsightsName: applicationInsightsName
    appIdentityName: appIdentityName
    eventIdentityName: eventIdentityName
    supportPrincipalId: supportPrincipalId
    supportPrincipalType: supportPrincipalType
  }
  dependsOn: [identities, monitoring, storage]
}

module secretReader 'app/secret-reader.bicep' = if (!empty(referencedVaultId)) {
  scope: resourceGroup(split(referencedVaultId, '/')[2], split(referencedVaultId, '/')[4])
  params: {
    vaultName: split(referencedVaultId, '/')[8]
    identityName: appIdentityName
    identitySubscriptionId: subscription().subscriptionId
    identityGroupName: groupName
  }
  dependsOn: [identities]
}

module application 'app/application.bicep' = if (entraSignIn) {
  scope: group
  params: {
    uniqueName: 'kataudit-${token}'
    displayName: 'Kataudit (${environmentName})'
    functionAppName: functionAppName
    publicUrl: publicUrl
    managedIdentityPrincipalId: identities.outputs.appPrincipalId
    serviceManagementReference: serviceManagementReference
  }
}

module functionApp 'app/function-app.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    planName: '${abbreviations.webServerFarms}${token}'
    name: functionAppName
    nodeVersion: nodeVersion
    maximumInstanceCount: maximumInstanceCount
    instanceMemoryMB: instanceMemoryMB
    identityName: appIdentityName
    probeIdentityName: probeIdentityName
    storageAccountName: storageAccountName
    applicationInsightsName: applicationInsightsName
    networkName: vnetEnabled ? networkName : ''
    signIn: signIn
    readerKeys: readerKeys
    operatorKeys: operatorKeys
    publicUrl: publicUrl
    applicationClientId: entraSignIn ? application!.outputs.clientId : ''
    applicationIdUri: entraSignIn ? application!.outputs.identifierUri : ''
    subscriptions: join(subscriptionIds, ',')
    managementGroups: managementGroups
    schedule: schedule
    policy: policy
    vulnerabilities: vulnerabilities
    gzip: gzip
    clusterMetrics: clusterMetrics
    defender: defender
    attestations: attestations
    policyAssignment: attestations == 'off' ? '' : empty(policyAssignment) ? policyName : policyAssignment
    settleSeconds: settleSeconds
    jitterSeconds: jitterSeconds
    probe: probe
    notifyUrl: notifyUrl
    notifyFormat: notifyFormat
    notifySeverity: notifySeverity
    notifySecret: notifySecret
    moreSettings: moreSettings
    hasMoreSettings: !empty(moreSettings)
    signingKeyUri: evidenceKeyEnabled ? evidenceKey!.outputs.keyUri : ''
  }
  dependsOn: [access, network, secretReader, storageEndpoints]
}

module alerts 'app/alerts.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    workspaceName: workspaceName
    namePrefix: '${abbreviations.insightsScheduledQueryRules}kataudit-'
    actionGroupName: '${abbreviations.insightsActionGroups}kataudit-${token}'
    email: alertEmail
    auditIntervalHours: auditIntervalHours
  }
  dependsOn: [monitoring]
}

module workbook 'app/workbook.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    workspaceName: workspaceName
    appUrl: empty(publicUrl) ? 'https://${functionApp.outputs.hostName}' : publicUrl
  }
  dependsOn: [monitoring]
}

module auditorAssignments 'roles/assignment.bicep' = [
  for id in subscriptionIds: {
    scope: subscription(id)
    params: {
      roleDefinitionGuid: guid(token, 'auditor')
      identityName: appIdentityName
      identitySubscriptionId: subscription().subscriptionId
      identityGroupName: groupName
      reason: 'Kataudit ${environmentName} reads AKS clusters.'
    }
    dependsOn: [functionApp, roles]
  }
]

module volumeReaderAssignments 'roles/assignment.bicep' = [
  for id in readVolumes ? subscriptionIds : []: {
    scope: subscription(id)
    params: {
      roleDefinitionGuid: guid(token, 'volume-reader')
      identityName: appIdentityName
      identitySubscriptionId: subscription().subscriptionId
      identityGroupName: groupName
      reason: 'Kataudit ${environmentName} looks behind the claims of sandboxed pods.'
    }
    dependsOn: [functionApp, roles]
  }
]

module templateReaderAssignments 'roles/assignment.bicep' = [
  for id in readTemplates ? subscriptionIds : []: {
    scope: subscription(id)
    params: {
      roleDefinitionGuid: guid(token, 'template-reader')
      identityName: appIdentityName
      identitySubscriptionId: subscription().subscriptionId
      identityGroupName: groupName
      reason: 'Kataudit ${environmentName} reads pod templates.'
    }
    dependsOn: [functionApp, roles]
  }
]

module defenderAssignments 'roles/assignment.bicep' = [
  for id in (defender == 'off' ? [] : subscriptionIds): {
    scope: subscription(id)
    params: {
      roleDefinitionGuid: guid(token, 'defender-publisher')
      identityName: appIdentityName
      identitySubscriptionId: subscription().subscriptionId
      identityGroupName: groupName
      reason: 'Kataudit ${environmentName} writes assessments of AKS clusters.'
    }
    dependsOn: [functionApp, roles]
  }
]

module attesterAssignments 'roles/assignment.bicep' = [
  for id in (attestations == 'off' ? [] : subscriptionIds): {
    scope: subscription(id)
    params: {
      roleDefinitionGuid: guid(token, 'attester')
      identityName: appIdentityName
      identitySubscriptionId: subscription().subscriptionId
      identityGroupName: groupName
      reason: 'Kataudit ${environmentName} attests the compliance of AKS clusters.'
    }
    dependsOn: [functionApp, roles]
  }
]

module manualPolicies 'roles/manual-policy.bicep' = [
  for id in (attestations == 'off' || !empty(policyAssignment) ? [] : subscriptionIds): {
    scope: subscription(id)
    params: {
      name: policyName
      displayName: 'AKS clusters keep to the policy for Kata pod sandboxing (Kataudit, ${environmentName})'
    }
  }
]

module proberAssignments 'roles/cluster-assignment.bicep' = [
  for id in probedScopes: {
    scope: resourceGroup(split(id, '/')[2], split(id, '/')[4])
    params: {
      clusterName: split(id, '/')[8]
      namespace: contains(toLower(id), '/namespaces/') ? split(id, '/')[10] : ''
      roleDefinitionGuid: guid(token, probe == 'exec' ? 'exec-prober' : 'canary-prober')
      identityName: probeIdentityName
      identitySubscriptionId: subscription().subscriptionId
      identityGroupName: groupName
      reason: 'Kataudit ${environmentName} probes the isolation of pods (${probe}).'
    }
    dependsOn: [functionApp, roles]
  }
]

output AZURE_LOCATION string = location
output AZURE_TENANT_ID string = tenant().tenantId
output AZURE_RESOURCE_GROUP string = groupName
output SERVICE_API_NAME string = functionAppName
output SERVICE_API_URI string = 'https://${functionApp.outputs.hostName}'
output KATAUDIT_DEPLOYMENT_TOKEN string = token
output KATAUDIT_STORAGE_ACCOUNT string = storageAccountName
output KATAUDIT_IDENTITY_ID string = identities.outputs.appIdentityId
output KATAUDIT_IDENTITY_PRINCIPAL_ID string = identities.outputs.appPrincipalId
output KATAUDIT_PROBE_PRINCIPAL_ID string = identities.outputs.probePrincipalId
output KATAUDIT_EVENT_IDENTITY_ID string = identities.outputs.eventIdentityId
output KATAUDIT_AUDITED_SUBSCRIPTIONS string = join(subscriptionIds, ',')
output KATAUDIT_APPLICATION_ID_URI string = entraSignIn ? application!.outputs.identifierUri : ''
