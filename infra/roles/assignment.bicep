targetScope = 'subscription'

@description('GUID of the role definition.')
param roleDefinitionGuid string

@description('Name of the identity that gets the role.')
param identityName string

@description('Subscription of that identity.')
param identitySubscriptionId string

@description('Resource group of that identity.')
param identityGroupName string

@description('Why the identity has the role.')
param reason string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
  scope: resourceGroup(identitySubscriptionId, identityGroupName)
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, identity.id, roleDefinitionGuid)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleDefinitionGuid)
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    description: reason
  }
}
