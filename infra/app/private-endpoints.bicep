@description('Region of the endpoints.')
param location string

@description('Tags of every resource.')
param tags object

@description('What the name of each endpoint starts with.')
param namePrefix string

@description('Name of the virtual network that resolves the private names.')
param networkName string

@description('Id of the subnet that holds the endpoints.')
param subnetId string

@description('Name of the storage account of the app.')
param storageAccountName string

@description('Name of the Key Vault of the evidence key; empty when there is none.')
param vaultName string

var storageServices = ['blob', 'queue', 'table']

resource storageAccount 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageAccountName
}

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' existing = {
  name: networkName
}

module storageEndpoints 'private-endpoint.bicep' = [
  for service in storageServices: {
    name: 'kataudit-endpoint-${service}'
    params: {
      location: location
      tags: tags
      name: '${namePrefix}${storageAccountName}-${service}'
      groupId: service
      zoneName: 'privatelink.${service}.${environment().suffixes.storage}'
      serviceId: storageAccount.id
      networkId: network.id
      subnetId: subnetId
    }
  }
]

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = if (!empty(vaultName)) {
  name: vaultName
}

module vaultEndpoint 'private-endpoint.bicep' = if (!empty(vaultName)) {
  name: 'kataudit-endpoint-vault'
  params: {
    location: location
    tags: tags
    name: '${namePrefix}${vaultName}'
    groupId: 'vault'
    zoneName: 'privatelink${replace(environment().suffixes.keyvaultDns, 'vault.', 'vaultcore.')}'
    serviceId: vault.id
    networkId: network.id
    subnetId: subnetId
  }
}
