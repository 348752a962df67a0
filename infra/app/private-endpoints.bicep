import { tagSet } from '../types.bicep'

@description('Region of the endpoints.')
param location string

@description('Tags of every resource.')
param tags tagSet

@description('Prefix of the name of each endpoint.')
param namePrefix string

@description('Name of the virtual network that resolves the private names.')
param networkName string

@description('Name of the storage account of the app.')
param storageAccountName string

@description('Name of the Key Vault of the evidence key; empty when there is none.')
param vaultName string

var storageServices = ['blob', 'queue', 'table']

resource storageAccount 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: storageAccountName
}

resource network 'Microsoft.Network/virtualNetworks@2025-01-01' existing = {
  name: networkName

  resource endpoints 'subnets' existing = {
    name: 'endpoints'
  }
}

module storageEndpoints 'private-endpoint.bicep' = [
  for service in storageServices: {
    params: {
      location: location
      tags: tags
      name: '${namePrefix}${storageAccountName}-${service}'
      groupId: service
      zoneName: 'privatelink.${service}.${environment().suffixes.storage}'
      serviceId: storageAccount.id
      networkId: network.id
      subnetId: network::endpoints.id
    }
  }
]

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' existing = if (!empty(vaultName)) {
  name: empty(vaultName) ? 'none' : vaultName
}

module vaultEndpoint 'private-endpoint.bicep' = if (!empty(vaultName)) {
  params: {
    location: location
    tags: tags
    name: '${namePrefix}${vaultName}'
    groupId: 'vault'
    zoneName: 'privatelink${replace(environment().suffixes.keyvaultDns, 'vault.', 'vaultcore.')}'
    serviceId: vault.id
    networkId: network.id
    subnetId: network::endpoints.id
  }
}
