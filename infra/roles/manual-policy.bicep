targetScope = 'subscription'

@description('Name of the policy definition and of its assignment.')
param name string

@description('What people read beside it.')
param displayName string

// Every cluster is unknown until it is attested, and again when its attestation has expired.
resource definition 'Microsoft.Authorization/policyDefinitions@2025-03-01' = {
  name: name
  properties: {
    policyType: 'Custom'
    mode: 'Indexed'
    displayName: displayName
    description: 'Kataudit attests whether each AKS cluster keeps to the policy for Kata pod sandboxing, with a sealed bundle of evidence.'
    metadata: { category: 'Kubernetes' }
    policyRule: {
      if: { field: 'type', equals: 'Microsoft.ContainerService/managedClusters' }
      then: { effect: 'manual', details: { defaultState: 'Unknown' } }
    }
  }
}

resource assignment 'Microsoft.Authorization/policyAssignments@2025-03-01' = {
  name: name
  properties: {
    displayName: displayName
    policyDefinitionId: definition.id
  }
}
