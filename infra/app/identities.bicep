import { tagSet } from '../types.bicep'

@description('Region of the identities.')
param location string

@description('Tags of every resource.')
param tags tagSet

@description('Name of the identity that the app runs as.')
param appIdentityName string

@description('Name of the identity that Event Grid writes dead letters as.')
param eventIdentityName string

@description('Name of the identity that the isolation probe uses at API servers; empty: no probe.')
param probeIdentityName string

resource appIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: appIdentityName
  location: location
  tags: tags
}

// Separate from the app's, because Event Grid needs only one container.
resource eventIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: eventIdentityName
  location: location
  tags: tags
}

// Separate from the app's, so that the auditor's token can change nothing in a cluster.
resource probeIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = if (!empty(probeIdentityName)) {
  name: empty(probeIdentityName) ? 'none' : probeIdentityName
  location: location
  tags: tags
}

output appIdentityId string = appIdentity.id
output appPrincipalId string = appIdentity.properties.principalId
output eventIdentityId string = eventIdentity.id
output probePrincipalId string = empty(probeIdentityName) ? '' : probeIdentity!.properties.principalId
