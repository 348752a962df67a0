using '../../../infra/events.bicep'

param environmentName = 'prod'
param location = 'westeurope'
param deploymentToken = 'abcdefghijklm'
param appSubscriptionId = '11111111-1111-4111-8111-111111111111'
param appResourceGroup = 'rg-prod'
param functionAppName = 'func-kataudit-abcdefghijklm'
param storageAccountName = 'stabcdefghijklm'
param eventIdentityId = '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-prod/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-kataudit-events-abcdefghijklm'
param clusters = [
  {
    id: '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/aks/providers/Microsoft.ContainerService/managedClusters/one'
    existingTopicId: ''
  }
  {
    id: '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/aks/providers/Microsoft.ContainerService/managedClusters/old'
    existingTopicId: '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/topics/providers/Microsoft.EventGrid/systemTopics/of-old'
  }
]
