import { tagSet } from '../types.bicep'

@description('Region of the vault.')
param location string

@description('Tags of every resource.')
param tags tagSet

@maxLength(24)
@description('Name of the vault.')
param vaultName string

@description('Name of the identity that signs evidence.')
param signerIdentityName string

@description('Id of the role definition that may only read the key and sign with it.')
param signerRoleId string

@description('Whether the vault is reachable from the internet (for identities only); otherwise only by its private endpoint.')
param publicAccess bool

resource signerIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: signerIdentityName
}

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' = {
  name: vaultName
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enablePurgeProtection: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    publicNetworkAccess: publicAccess ? 'enabled' : 'disabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: publicAccess ? 'Allow' : 'Deny'
    }
  }
}

resource key 'Microsoft.KeyVault/vaults/keys@2025-05-01' = {
  parent: vault
  name: 'evidence'
  properties: {
    kty: 'EC'
    curveName: 'P-256'
    keyOps: ['sign', 'verify']
    rotationPolicy: {
      attributes: { expiryTime: 'P2Y' }
      lifetimeActions: [
        {
          action: { type: 'rotate' }
          trigger: { timeAfterCreate: 'P1Y' }
        }
      ]
    }
  }
}

resource signer 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(key.id, signerIdentity.id, signerRoleId)
  scope: key
  properties: {
    roleDefinitionId: signerRoleId
    principalId: signerIdentity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

output keyUri string = key.properties.keyUri
