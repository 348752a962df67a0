targetScope = 'managementGroup'

metadata description = 'For management groups: defines the auditor role there, lets the identity list the subscriptions of the group, and assigns the role in each subscription that is named.'

@description('Object id of the identity that the app runs as.')
param principalId string

@description('What the name of the role ends with; role names are unique in a tenant.')
param nameSuffix string

@description('Subscriptions of the group to assign the role in: GUIDs. A role with dataActions cannot be assigned at the group itself.')
param subscriptionIds array

var permissions = loadJsonContent('permissions.json')

resource auditor 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(managementGroup().id, nameSuffix, 'auditor')
  properties: {
    roleName: 'Kataudit Auditor (${nameSuffix}, management group)'
    description: 'Reads AKS clusters, their node pools, nodes, RuntimeClasses, namespaces and pods. Changes nothing.'
    type: 'CustomRole'
    permissions: [permissions.auditor]
    assignableScopes: [managementGroup().id]
  }
}

resource treeReader 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(managementGroup().id, nameSuffix, 'tree-reader')
  properties: {
    roleName: 'Kataudit Tree Reader (${nameSuffix})'
    description: 'Lists the subscriptions of a management group.'
    type: 'CustomRole'
    permissions: [permissions.treeReader]
    assignableScopes: [managementGroup().id]
  }
}

resource treeAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(managementGroup().id, principalId, treeReader.name)
  properties: {
    roleDefinitionId: treeReader.id
    principalId: principalId
    principalType: 'ServicePrincipal'
    description: 'Kataudit lists the subscriptions of the management group.'
  }
}

module assignments 'assignment.bicep' = [
  for id in subscriptionIds: {
    name: 'kataudit-auditor-${take(id, 8)}'
    scope: subscription(id)
    params: {
      roleDefinitionGuid: auditor.name
      principalId: principalId
      reason: 'Kataudit ${nameSuffix} reads AKS clusters.'
    }
  }
]
