@description('Tags of every resource.')
param tags object

@description('What the name of the topic starts with.')
param topicNamePrefix string

@description('ARM id of the cluster.')
param clusterId string

@description('Id of the function that takes the events.')
param functionId string

@description('Id of the storage account that takes dead letters.')
param storageAccountId string

@description('Id of the identity that Event Grid writes dead letters as.')
param eventIdentityId string

var topicName = '${topicNamePrefix}${uniqueString(toLower(clusterId))}'

resource cluster 'Microsoft.ContainerService/managedClusters@2025-07-01' existing = {
  name: split(clusterId, '/')[8]
  scope: resourceGroup(split(clusterId, '/')[4])
}

// The topic lies in the region of its cluster, which only a module's parameter can carry.
module topic 'topic.bicep' = {
  name: 'kataudit-topic-${uniqueString(toLower(clusterId))}'
  params: {
    name: topicName
    location: cluster.location
    tags: tags
    sourceId: clusterId
    topicType: 'Microsoft.ContainerService.ManagedClusters'
    eventIdentityId: eventIdentityId
  }
}

module events 'cluster-events.bicep' = {
  name: 'kataudit-events-${uniqueString(toLower(clusterId))}'
  params: {
    topicName: topic.outputs.name
    functionId: functionId
    storageAccountId: storageAccountId
    eventIdentityId: eventIdentityId
  }
}
