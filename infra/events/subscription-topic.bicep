import { tagSet } from '../types.bicep'

@description('Name of the system topic.')
param name string

@description('Tags of every resource.')
param tags tagSet

// The topic of a subscription is global, and Azure rejects an identity there: "identity is unavailable for location
// 'global'" (azure-cli#18002). Without one there are no dead letters.
resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: name
  location: 'global'
  tags: tags
  properties: {
    source: subscription().id
    topicType: 'Microsoft.Resources.Subscriptions'
  }
}
