import { tagSet } from '../types.bicep'

@description('Region of the storage account.')
param location string

@description('Tags of every resource.')
param tags tagSet

@minLength(3)
@maxLength(24)
@description('Name of the storage account.')
param name string

@description('Whether the account is reachable from the internet (for identities only); otherwise only by private endpoints.')
param publicAccess bool

// A test compares these names with those in the code.
var queueNames = [
  'inventories'
  'inventories-poison'
  'notifications'
  'notifications-poison'
  'publications'
  'publications-poison'
  'scans'
  'scans-poison'
]
var tableNames = [
  'audits'
  'changes'
  'clusters'
  'events'
  'exemptions'
  'findings'
  'parked'
]
var containerNames = [
  'assessments'
  'bundles'
  'policy'
]
var packageContainer = 'app-package'
var deadLetterContainer = 'event-dead-letters'

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    supportsHttpsTrafficOnly: true
    // Event Grid writes dead letters as a trusted service, also when the account is closed.
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: publicAccess ? 'Allow' : 'Deny'
    }
  }
}

resource blobServices 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: { enabled: true, days: 14 }
    containerDeleteRetentionPolicy: { enabled: true, days: 14 }
  }
}

resource containers 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = [
  for container in concat(containerNames, [packageContainer, deadLetterContainer]): {
    parent: blobServices
    name: container
    properties: { publicAccess: 'None' }
  }
]

resource queueServices 'Microsoft.Storage/storageAccounts/queueServices@2025-01-01' = {
  parent: account
  name: 'default'
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-01-01' = [
  for queue in queueNames: {
    parent: queueServices
    name: queue
  }
]

resource tableServices 'Microsoft.Storage/storageAccounts/tableServices@2025-01-01' = {
  parent: account
  name: 'default'
}

resource tables 'Microsoft.Storage/storageAccounts/tableServices/tables@2025-01-01' = [
  for table in tableNames: {
    parent: tableServices
    name: table
  }
]
