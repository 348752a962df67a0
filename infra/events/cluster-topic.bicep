import { tagSet } from '../types.bicep'

@description('Name of the system topic.')
param name string

@description('Tags of every resource.')
param tags tagSet

@description('ARM id of the cluster.')
param clusterId string

@description('Id of the identity that Event Grid writes dead letters as.')
param eventIdentityId string

resource cluster 'Microsoft.ContainerService/managedClusters@2025-07-01' existing = {
  name: split(clusterId, '/')[8]
  scope: resourceGroup(split(clusterId, '/')[4])
}

module topic 'regional-topic.bicep' = {
  params: {
    name: name
    // A value that is read from another resource can only be passed as a module parameter.
    location: cluster.location
    tags: tags
    clusterId: clusterId
    eventIdentityId: eventIdentityId
  }
}
