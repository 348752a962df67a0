@description('Name of the cluster.')
param clusterName string

@description('Namespace in which the role is assigned; empty: the whole cluster.')
param namespace string

@description('GUID of the role definition.')
param roleDefinitionGuid string

@description('Name of the identity that gets the role.')
param identityName string

@description('Subscription of that identity.')
param identitySubscriptionId string

@description('Resource group of that identity.')
param identityGroupName string

@description('Why the identity has the role.')
param reason string

var roleDefinitionId = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleDefinitionGuid)

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
  scope: resourceGroup(identitySubscriptionId, identityGroupName)
}

resource cluster 'Microsoft.ContainerService/managedClusters@2025-07-01' existing = {
  name: clusterName

  // A namespace is not an Azure resource, but it is a scope for roles: learn.microsoft.com/azure/aks/manage-azure-rbac
  #disable-next-line BCP081
  resource clusterNamespace 'namespaces' existing = if (!empty(namespace)) {
    name: empty(namespace) ? 'none' : namespace
  }
}

resource inNamespace 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(namespace)) {
  name: guid(cluster.id, namespace, identity.id, roleDefinitionGuid)
  scope: cluster::clusterNamespace
  properties: {
    roleDefinitionId: roleDefinitionId
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    description: reason
  }
}

resource inCluster 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (empty(namespace)) {
  name: guid(cluster.id, identity.id, roleDefinitionGuid)
  scope: cluster
  properties: {
    roleDefinitionId: roleDefinitionId
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    description: reason
  }
}
