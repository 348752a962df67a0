targetScope = 'subscription'

@description('GUID of the role definition.')
param roleDefinitionGuid string

@description('Object id of the identity that gets the role.')
param principalId string

@description('Why the identity has the role.')
param reason string

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, principalId, roleDefinitionGuid)
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleDefinitionGuid)
    principalId: principalId
    principalType: 'ServicePrincipal'
    description: reason
  }
}
