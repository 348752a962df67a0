targetScope = 'subscription'

@description('Name of the policy definition and of its assignment.')
param name string

@description('Display text of the assignment.')
param displayName string

// Every cluster is unknown until it is attested, and again when its attestation has expired.
resource definition 'Microsoft.Authorization/policyDefinitions@2025-03-01' = {
  name: name
  properties: loadJsonContent('manual-policy.json')
}

resource assignment 'Microsoft.Authorization/policyAssignments@2025-03-01' = {
  name: name
  properties: {
    displayName: displayName
    policyDefinitionId: definition.id
  }
}
