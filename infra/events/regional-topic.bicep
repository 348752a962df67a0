import { tagSet } from '../types.bicep'

@description('Name of the system topic.')
param name string

@description('Region of the cluster and of its topic.')
param location string

@description('Tags of every resource.')
param tags tagSet

@description('ARM id of the cluster.')
param clusterId string

@description('Id of the identity that Event Grid writes dead letters as.')
param eventIdentityId string

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: name
  location: location
  tags: tags
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${eventIdentityId}': {} }
  }
  properties: {
    source: clusterId
    topicType: 'Microsoft.ContainerService.ManagedClusters'
  }
}
