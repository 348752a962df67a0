@description('Name of the system topic.')
param name string

@description('Region of the source; `global` for a subscription.')
param location string

@description('Tags of every resource.')
param tags object

@description('Id of what the events are about.')
param sourceId string

@description('Type of the events.')
param topicType string

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
    source: sourceId
    topicType: topicType
  }
}

output name string = topic.name
