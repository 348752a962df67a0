targetScope = 'managementGroup'

metadata description = 'For management groups: defines the auditor role there, lets the identity list the subscriptions of the group, and assigns the role in each subscription that is named.'

@description('ARM id of the identity that the app runs as: KATAUDIT_IDENTITY_ID of the environment.')
param identityId string

@description('What the names of the roles end with; role names are unique in a tenant. KATAUDIT_DEPLOYMENT_TOKEN of the environment keeps them apart.')
param nameSuffix string

@description('Subscriptions of the group to assign the role in: GUIDs separated by commas. A role with dataActions cannot be assigned at the group itself.')
param subscriptionIds string

var permissions = loadJsonContent('permissions.json')
// Two groups of one environment have roles of their own.
var roleSuffix = '${nameSuffix}, management group ${managementGroup().name}'
var auditorGuid = guid(managementGroup().id, nameSuffix, 'auditor')

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: split(identityId, '/')[8]
  scope: resourceGroup(split(identityId, '/')[2], split(identityId, '/')[4])
}

resource auditor 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: auditorGuid
  properties: {
    roleName: 'Kataudit Auditor (${roleSuffix})'
    description: 'Reads AKS clusters, their node pools, nodes, RuntimeClasses, namespaces and pods. Changes nothing.'
    type: 'CustomRole'
    permissions: [permissions.auditor]
    assignableScopes: [managementGroup().id]
  }
}

resource treeReader 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(managementGroup().id, nameSuffix, 'tree-reader')
  properties: {
    roleName: 'Kataudit Tree Reader (${roleSuffix})'
    description: 'Lists the subscriptions of a management group.'
    type: 'CustomRole'
    permissions: [permissions.treeReader]
    assignableScopes: [managementGroup().id]
  }
}

resource treeAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(managementGroup().id, identity.id, treeReader.name)
  properties: {
    roleDefinitionId: treeReader.id
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    description: 'Kataudit lists the subscriptions of the management group.'
  }
}

module assignments 'assignment.bicep' = [
  for id in split(replace(subscriptionIds, ' ', ''), ','): {
    scope: subscription(id)
    params: {
      roleDefinitionGuid: auditorGuid
      identityName: split(identityId, '/')[8]
      identitySubscriptionId: split(identityId, '/')[2]
      identityGroupName: split(identityId, '/')[4]
      reason: 'Kataudit ${nameSuffix} reads AKS clusters.'
    }
    dependsOn: [auditor]
  }
]
