targetScope = 'subscription'

import { clusterEvents, tagSet } from 'types.bicep'

metadata description = 'Sends the events of one subscription, and of clusters in it, to the function cluster-changed. Deployed after the code, once for each audited subscription.'

@description('Name of the environment, as given to main.bicep.')
param environmentName string

@description('KATAUDIT_DEPLOYMENT_TOKEN of the environment: it keeps two environments or regions from taking over each other’s events.')
param deploymentToken string

@description('Region of the resource group of the topics.')
param location string

@description('Id of the subscription of the function app.')
param appSubscriptionId string = subscription().subscriptionId

@description('Name of the resource group of the function app.')
param appResourceGroup string

@description('Name of the function app.')
param functionAppName string

@description('Name of the storage account of the app.')
param storageAccountName string

@description('Id of the identity that Event Grid writes dead letters as.')
param eventIdentityId string

@description('Clusters of this subscription whose own events the app receives.')
param clusters clusterEvents[] = []

@description('ARM id of the system topic of this subscription, if it exists: Azure allows only one. Empty: one is created.')
param existingTopicId string = ''

var abbreviations = loadJsonContent('./abbreviations.json')
var tags tagSet = { 'azd-env-name': environmentName }
var appGroupId = '/subscriptions/${appSubscriptionId}/resourceGroups/${appResourceGroup}'
var functionId = '${appGroupId}/providers/Microsoft.Web/sites/${functionAppName}/functions/cluster-changed'
var storageAccountId = '${appGroupId}/providers/Microsoft.Storage/storageAccounts/${storageAccountName}'
var eventSubscriptionName = 'kataudit-${deploymentToken}'
var topicPrefix = '${abbreviations.eventGridSystemTopics}kataudit-'
var ownTopic = empty(existingTopicId)
var topicGroupName = '${abbreviations.resourcesResourceGroups}${environmentName}'
var subscriptionTopicName = '${topicPrefix}${uniqueString(subscription().id, deploymentToken)}'

resource topicGroup 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: topicGroupName
  location: location
  tags: tags
}

module subscriptionTopic 'events/subscription-topic.bicep' = if (ownTopic) {
  scope: topicGroup
  params: {
    name: subscriptionTopicName
    tags: tags
  }
}

module subscriptionEvents 'events/subscription-events.bicep' = {
  scope: resourceGroup(ownTopic ? topicGroupName : split(existingTopicId, '/')[4])
  params: {
    topicName: ownTopic ? subscriptionTopicName : split(existingTopicId, '/')[8]
    name: eventSubscriptionName
    functionId: functionId
  }
  dependsOn: [subscriptionTopic]
}

module clusterTopics 'events/cluster-topic.bicep' = [
  for cluster in clusters: if (empty(cluster.existingTopicId)) {
    scope: topicGroup
    params: {
      name: '${topicPrefix}${uniqueString(toLower(cluster.id), deploymentToken)}'
      tags: tags
      clusterId: cluster.id
      eventIdentityId: eventIdentityId
    }
  }
]

module clusterSubscriptions 'events/cluster-events.bicep' = [
  for cluster in clusters: {
    scope: resourceGroup(empty(cluster.existingTopicId) ? topicGroupName : split(cluster.existingTopicId, '/')[4])
    params: {
      topicName: empty(cluster.existingTopicId)
        ? '${topicPrefix}${uniqueString(toLower(cluster.id), deploymentToken)}'
        : split(cluster.existingTopicId, '/')[8]
      name: eventSubscriptionName
      functionId: functionId
      storageAccountId: storageAccountId
      // An existing topic does not have this identity, and dead letters need one.
      eventIdentityId: empty(cluster.existingTopicId) ? eventIdentityId : ''
    }
    dependsOn: [clusterTopics]
  }
]
