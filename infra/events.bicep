targetScope = 'subscription'

metadata description = 'Sends the events of one subscription, and of clusters in it, to the function cluster-changed. Deployed after the code, once for each audited subscription.'

@description('Name of the environment, as given to main.bicep.')
param environmentName string

@description('Region of the resource group that holds the topics.')
param location string

@description('Id of the subscription that the function app lies in.')
param appSubscriptionId string = subscription().subscriptionId

@description('Name of the resource group that the function app lies in.')
param appResourceGroup string

@description('Name of the function app.')
param functionAppName string

@description('Name of the storage account of the app.')
param storageAccountName string

@description('Id of the identity that Event Grid writes dead letters as.')
param eventIdentityId string

@description('Clusters whose own events are wanted: ARM ids separated by commas; those of other subscriptions are passed over.')
param clusters string = ''

@description('Name of the system topic of this subscription if there is one already: Azure allows one only. Empty: one is made.')
param existingTopicName string = ''

@description('Resource group of that system topic.')
param existingTopicResourceGroup string = ''

var abbreviations = loadJsonContent('./abbreviations.json')
var token = toLower(uniqueString(subscription().id, environmentName))
var tags = { 'azd-env-name': environmentName }
var appGroupId = '/subscriptions/${appSubscriptionId}/resourceGroups/${appResourceGroup}'
var functionId = '${appGroupId}/providers/Microsoft.Web/sites/${functionAppName}/functions/cluster-changed'
var storageAccountId = '${appGroupId}/providers/Microsoft.Storage/storageAccounts/${storageAccountName}'
var ownTopic = empty(existingTopicName)
var topicGroupName = '${abbreviations.resourcesResourceGroups}${environmentName}'
var subscriptionTopicName = '${abbreviations.eventGridSystemTopics}kataudit-${token}'
var clusterIds = filter(
  split(replace(clusters, ' ', ''), ','),
  id => startsWith(toLower(id), '/subscriptions/${toLower(subscription().subscriptionId)}/')
)

resource topicGroup 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: topicGroupName
  location: location
  tags: tags
}

module subscriptionTopic 'events/topic.bicep' = if (ownTopic) {
  name: 'kataudit-subscription-topic'
  scope: topicGroup
  params: {
    name: subscriptionTopicName
    location: 'global'
    tags: tags
    sourceId: subscription().id
    topicType: 'Microsoft.Resources.Subscriptions'
    eventIdentityId: eventIdentityId
  }
}

module subscriptionEvents 'events/subscription-events.bicep' = {
  name: 'kataudit-subscription-events'
  scope: resourceGroup(ownTopic ? topicGroupName : existingTopicResourceGroup)
  params: {
    topicName: ownTopic ? subscriptionTopicName : existingTopicName
    functionId: functionId
    storageAccountId: storageAccountId
    // A topic of others does not carry this identity, and dead letters need one.
    eventIdentityId: ownTopic ? eventIdentityId : ''
  }
  dependsOn: [subscriptionTopic]
}

module clusterEvents 'events/cluster.bicep' = [
  for id in clusterIds: {
    name: 'kataudit-cluster-${uniqueString(id)}'
    scope: topicGroup
    params: {
      tags: tags
      topicNamePrefix: '${abbreviations.eventGridSystemTopics}kataudit-'
      clusterId: id
      functionId: functionId
      storageAccountId: storageAccountId
      eventIdentityId: eventIdentityId
    }
  }
]

output CLUSTERS_WITH_EVENTS int = length(clusterIds)
