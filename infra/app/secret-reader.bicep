@description('Name of the vault with the secrets that settings refer to.')
param vaultName string

@description('Name of the identity that resolves the references.')
param identityName string

@description('Subscription of that identity.')
param identitySubscriptionId string

@description('Resource group of that identity.')
param identityGroupName string

var secretsUser = '4633458b-17de-408a-b875-0445c86b69e6'

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' existing = {
  name: vaultName
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
  scope: resourceGroup(identitySubscriptionId, identityGroupName)
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, identity.id, secretsUser)
  scope: vault
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    description: 'Kataudit reads the secrets that its settings refer to.'
  }
}
