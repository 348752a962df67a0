targetScope = 'managementGroup'

metadata description = 'For management groups: defines the auditor role there, lets the identity list the subscriptions of the group, and assigns the role in each subscription that is named.'

@description('ARM id of the identity that the app runs as: KATAUDIT_IDENTITY_ID of the environment.')
param identityId string

@description('Suffix of the role names; role names are unique in a tenant. KATAUDIT_DEPLOYMENT_TOKEN of the environment makes them unique.')
param nameSuffix string

@description('Subscriptions of the group to assign the role in: GUIDs separated by commas. A role with dataActions cannot be assigned at the group itself.')
param subscriptionIds string

@description('Whether findings are written to Microsoft Defender for Cloud: the role for it is assigned at the group.')
param defenderEnabled bool = false

@description('Whether clusters are attested to Azure Policy: the role for it and the manual policy are assigned at the group.')
param attestationsEnabled bool = false

var permissions = loadJsonContent('permissions.json')
// Each group of an environment has its own roles.
var roleSuffix = '${nameSuffix}, management group ${managementGroup().name}'
// The name of an assignment at a management group has at most 24 characters.
var policyName = 'kataudit-${uniqueString(managementGroup().id, nameSuffix)}'
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

resource defenderPublisher 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (defenderEnabled) {
  name: guid(managementGroup().id, nameSuffix, 'defender-publisher')
  properties: {
    roleName: 'Kataudit Defender Publisher (${roleSuffix})'
    description: 'Writes custom assessments of Microsoft Defender for Cloud and their descriptions. Changes no resource.'
    type: 'CustomRole'
    permissions: [permissions.defenderPublisher]
    assignableScopes: [managementGroup().id]
  }
}

resource defenderAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (defenderEnabled) {
  name: guid(managementGroup().id, identity.id, defenderPublisher.name)
  properties: {
    roleDefinitionId: defenderPublisher.id
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    description: 'Kataudit writes assessments of AKS clusters.'
  }
}

resource attester 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (attestationsEnabled) {
  name: guid(managementGroup().id, nameSuffix, 'attester')
  properties: {
    roleName: 'Kataudit Attester (${roleSuffix})'
    description: 'Writes and deletes attestations of Azure Policy. Changes no resource.'
    type: 'CustomRole'
    permissions: [permissions.attester]
    assignableScopes: [managementGroup().id]
  }
}

resource attesterAssignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (attestationsEnabled) {
  name: guid(managementGroup().id, identity.id, attester.name)
  properties: {
    roleDefinitionId: attester.id
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    description: 'Kataudit attests the compliance of AKS clusters.'
  }
}

// The same policy as in manual-policy.bicep, for every subscription of the group.
resource policyDefinition 'Microsoft.Authorization/policyDefinitions@2025-03-01' = if (attestationsEnabled) {
  name: policyName
  properties: loadJsonContent('manual-policy.json')
}

resource policyAssignment 'Microsoft.Authorization/policyAssignments@2025-03-01' = if (attestationsEnabled) {
  name: policyName
  properties: {
    displayName: 'AKS clusters keep to the policy for Kata pod sandboxing (Kataudit, ${nameSuffix})'
    policyDefinitionId: policyDefinition.id
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

@description('Value for KATAUDIT_POLICY_ASSIGNMENT of the environment; empty: nothing is attested.')
output policyAssignmentId string = attestationsEnabled ? policyAssignment.id : ''
