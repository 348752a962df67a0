@description('Region of the identities.')
param location string

@description('Tags of every resource.')
param tags object

@description('Name of the identity that the app runs as.')
param appIdentityName string

@description('Name of the identity that Event Grid writes dead letters as.')
param eventIdentityName string

resource appIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: appIdentityName
  location: location
  tags: tags
}

// Apart from the app's, because Event Grid needs one container and nothing else.
resource eventIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: eventIdentityName
  location: location
  tags: tags
}

output appIdentityId string = appIdentity.id
output appClientId string = appIdentity.properties.clientId
output appPrincipalId string = appIdentity.properties.principalId
output eventIdentityId string = eventIdentity.id
output eventPrincipalId string = eventIdentity.properties.principalId
