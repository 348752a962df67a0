@description('Name of the storage account of the app.')
param storageAccountName string

@description('Name of the Application Insights component.')
param applicationInsightsName string

@description('Name of the identity that the app runs as.')
param appIdentityName string

@description('Name of the identity that Event Grid writes dead letters as.')
param eventIdentityName string

@description('Object id of a person or group who may send the policy and back up the tables; empty: no one.')
param supportPrincipalId string

@description('What the support principal is.')
param supportPrincipalType string

var blobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
var blobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
var queueDataContributor = '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
var tableDataContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
var metricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

// The host needs Blob Data Owner for its leases and the package; poison queues need the right to add messages.
var appRoles = [blobDataOwner, queueDataContributor, tableDataContributor]

resource storageAccount 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: storageAccountName

  resource blobServices 'blobServices' existing = {
    name: 'default'

    resource deadLetters 'containers' existing = {
      name: 'event-dead-letters'
    }

    resource policy 'containers' existing = {
      name: 'policy'
    }
  }
}

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: applicationInsightsName
}

resource appIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: appIdentityName
}

resource eventIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: eventIdentityName
}

resource appAssignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in appRoles: {
    name: guid(storageAccount.id, appIdentity.id, role)
    scope: storageAccount
    properties: {
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
      principalId: appIdentity.properties.principalId
      principalType: 'ServicePrincipal'
    }
  }
]

resource telemetryAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(applicationInsights.id, appIdentity.id, metricsPublisher)
  scope: applicationInsights
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', metricsPublisher)
    principalId: appIdentity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

resource deadLetterAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storageAccount::blobServices::deadLetters.id, eventIdentity.id, blobDataContributor)
  scope: storageAccount::blobServices::deadLetters
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataContributor)
    principalId: eventIdentity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

// Only this container: the package is in another one, and write access to it means control of the app.
resource supportPolicyAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(supportPrincipalId)) {
  name: guid(storageAccount::blobServices::policy.id, supportPrincipalId, blobDataContributor)
  scope: storageAccount::blobServices::policy
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataContributor)
    principalId: supportPrincipalId
    principalType: supportPrincipalType
  }
}

resource supportTableAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(supportPrincipalId)) {
  name: guid(storageAccount.id, supportPrincipalId, tableDataContributor)
  scope: storageAccount
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', tableDataContributor)
    principalId: supportPrincipalId
    principalType: supportPrincipalType
  }
}
