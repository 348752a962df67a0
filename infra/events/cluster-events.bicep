@description('Name of the system topic of the cluster.')
param topicName string

@description('Name of the event subscription.')
param name string

@description('Id of the function that receives the events.')
param functionId string

@description('Id of the storage account for dead letters.')
param storageAccountId string

@description('Id of the identity that Event Grid writes dead letters as; empty: the topic does not carry it, and undeliverable events are dropped.')
param eventIdentityId string

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

resource events 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: name
  properties: {
    eventDeliverySchema: 'EventGridSchema'
    destination: {
      endpointType: 'AzureFunction'
      properties: {
        resourceId: functionId
        maxEventsPerBatch: 1
        preferredBatchSizeInKilobytes: 64
      }
    }
    filter: {
      includedEventTypes: [
        'Microsoft.ContainerService.NewKubernetesVersionAvailable'
        'Microsoft.ContainerService.ClusterSupportEnding'
        'Microsoft.ContainerService.ClusterSupportEnded'
        'Microsoft.ContainerService.NodePoolRollingStarted'
        'Microsoft.ContainerService.NodePoolRollingSucceeded'
        'Microsoft.ContainerService.NodePoolRollingFailed'
      ]
    }
    retryPolicy: {
      maxDeliveryAttempts: 30
      eventTimeToLiveInMinutes: 1440
    }
    deadLetterWithResourceIdentity: empty(eventIdentityId)
      ? null
      : {
          identity: {
            type: 'UserAssigned'
            userAssignedIdentity: eventIdentityId
          }
          deadLetterDestination: {
            endpointType: 'StorageBlob'
            properties: {
              resourceId: storageAccountId
              blobContainerName: 'event-dead-letters'
            }
          }
        }
  }
}
