targetScope = 'subscription'

import { subscriptionId } from '../types.bicep'

@description('Suffix of the name of each role; role names are unique in a tenant.')
param nameSuffix string

@description('Seed of the id of each role; the same seed gives the same role.')
param seed string

@description('Subscriptions in which the roles can be assigned: GUIDs.')
param assignableSubscriptionIds subscriptionId[]

@description('Whether findings are written to Microsoft Defender for Cloud: its role is defined only then.')
param defenderEnabled bool

@description('Whether clusters are attested to Azure Policy: its role is defined only then.')
param attestationsEnabled bool

// A test compares these permissions with the calls that the code makes.
var permissions = loadJsonContent('permissions.json')
var scopes = map(assignableSubscriptionIds, id => '/subscriptions/${id}')

resource auditor 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(seed, 'auditor')
  properties: {
    roleName: 'Kataudit Auditor (${nameSuffix})'
    description: 'Reads AKS clusters, their node pools, nodes, RuntimeClasses, namespaces and pods. Changes nothing.'
    type: 'CustomRole'
    permissions: [permissions.auditor]
    assignableScopes: scopes
  }
}

resource volumeReader 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(seed, 'volume-reader')
  properties: {
    roleName: 'Kataudit Volume Reader (${nameSuffix})'
    description: 'Reads persistent volumes, to find node directories behind claims. Assigned only when enabled.'
    type: 'CustomRole'
    permissions: [permissions.volumeReader]
    assignableScopes: scopes
  }
}

resource templateReader 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(seed, 'template-reader')
  properties: {
    roleName: 'Kataudit Template Reader (${nameSuffix})'
    description: 'Reads workloads of a cluster, to judge their next pods. Assigned only when enabled.'
    type: 'CustomRole'
    permissions: [permissions.templateReader]
    assignableScopes: scopes
  }
}

resource execProber 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(seed, 'exec-prober')
  properties: {
    roleName: 'Kataudit Exec Prober (${nameSuffix})'
    description: 'Runs commands in pods. Assign only for the isolation probe `exec`.'
    type: 'CustomRole'
    permissions: [permissions.execProber]
    assignableScopes: scopes
  }
}

resource canaryProber 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(seed, 'canary-prober')
  properties: {
    roleName: 'Kataudit Canary Prober (${nameSuffix})'
    description: 'Starts and deletes pods. Assign only for the isolation probe `canary`.'
    type: 'CustomRole'
    permissions: [permissions.canaryProber]
    assignableScopes: scopes
  }
}

resource defenderPublisher 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (defenderEnabled) {
  name: guid(seed, 'defender-publisher')
  properties: {
    roleName: 'Kataudit Defender Publisher (${nameSuffix})'
    description: 'Writes custom assessments of Microsoft Defender for Cloud and their descriptions. Changes no resource.'
    type: 'CustomRole'
    permissions: [permissions.defenderPublisher]
    assignableScopes: scopes
  }
}

resource attester 'Microsoft.Authorization/roleDefinitions@2022-04-01' = if (attestationsEnabled) {
  name: guid(seed, 'attester')
  properties: {
    roleName: 'Kataudit Attester (${nameSuffix})'
    description: 'Writes and deletes attestations of Azure Policy. Changes no resource.'
    type: 'CustomRole'
    permissions: [permissions.attester]
    assignableScopes: scopes
  }
}

resource signer 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(seed, 'signer')
  properties: {
    roleName: 'Kataudit Signer (${nameSuffix})'
    description: 'Reads a public key of Key Vault and signs with it. Assigned only on the evidence key.'
    type: 'CustomRole'
    permissions: [permissions.signer]
    assignableScopes: ['/subscriptions/${subscription().subscriptionId}']
  }
}
