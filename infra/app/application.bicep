extension microsoftGraphV1

@description('Name of the app registration that is unique in the tenant; the same name finds the same registration again.')
param uniqueName string

@description('Display name of the app registration.')
param displayName string

@description('Name of the function app, for the redirect address of the sign-in.')
param functionAppName string

@description('Public address of the app; empty: the address that Azure assigns.')
param publicUrl string

@description('Object id of the identity that authenticates as the app registration instead of a client secret.')
param managedIdentityPrincipalId string

@description('A reference that some tenants require for each app registration; empty: none.')
param serviceManagementReference string

var azureCli = '04b07795-8ddb-461a-bbee-02f9e1bf7b46'
var accessScopeId = guid(uniqueName, 'access')
// The app's address is computed and not read from the app, because the app needs this registration first.
var siteSuffixes = {
  AzureCloud: 'azurewebsites.net'
  AzureChinaCloud: 'chinacloudsites.cn'
  AzureUSGovernment: 'azurewebsites.us'
}
var siteSuffix = siteSuffixes[environment().name]
var ownReturn = 'https://${functionAppName}.${siteSuffix}/.auth/login/aad/callback'
var knownOrigin = endsWith(publicUrl, '/') ? take(publicUrl, length(publicUrl) - 1) : publicUrl
var knownReturn = '${knownOrigin}/.auth/login/aad/callback'
// learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
var tokenExchangeAudiences = {
  AzureCloud: 'api://AzureADTokenExchange'
  AzureChinaCloud: 'api://AzureADTokenExchangeChina'
  AzureUSGovernment: 'api://AzureADTokenExchangeUSGov'
}
var identifierUri = 'api://${uniqueName}-${uniqueString(subscription().id, resourceGroup().id, uniqueName)}'

resource registration 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: uniqueName
  displayName: displayName
  signInAudience: 'AzureADMyOrg'
  identifierUris: [identifierUri]
  serviceManagementReference: empty(serviceManagementReference) ? null : serviceManagementReference
  api: {
    requestedAccessTokenVersion: 2
    oauth2PermissionScopes: [
      {
        id: accessScopeId
        value: 'access'
        type: 'User'
        isEnabled: true
        adminConsentDisplayName: 'Use the API of Kataudit'
        adminConsentDescription: 'Calls the API with the app roles of the person who is signed in.'
        userConsentDisplayName: 'Use the API of Kataudit'
        userConsentDescription: 'Calls the API with your app roles.'
      }
    ]
    // So that `az account get-access-token` works without consent.
    preAuthorizedApplications: [
      {
        appId: azureCli
        delegatedPermissionIds: [accessScopeId]
      }
    ]
  }
  appRoles: [
    {
      id: guid(uniqueName, 'Kataudit.Reader')
      value: 'Kataudit.Reader'
      displayName: 'Reader'
      description: 'Reads findings, audits and the dashboard.'
      allowedMemberTypes: ['User', 'Application']
      isEnabled: true
    }
    {
      id: guid(uniqueName, 'Kataudit.Operator')
      value: 'Kataudit.Operator'
      displayName: 'Operator'
      description: 'Reads everything, starts audits, grants exemptions, replays parked messages.'
      allowedMemberTypes: ['User', 'Application']
      isEnabled: true
    }
  ]
  web: {
    redirectUris: empty(publicUrl) ? [ownReturn] : [ownReturn, knownReturn]
    implicitGrantSettings: {
      enableAccessTokenIssuance: false
      // The platform requests a code and an id token: without this, Entra ID rejects the sign-in (AADSTS700054).
      enableIdTokenIssuance: true
    }
  }
}

// Only principals with an assigned role get a token.
resource enterpriseApplication 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: registration.appId
  appRoleAssignmentRequired: true
}

resource federatedCredential 'Microsoft.Graph/applications/federatedIdentityCredentials@v1.0' = {
  name: '${registration.uniqueName}/function-app'
  audiences: [tokenExchangeAudiences[environment().name]]
  issuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
  subject: managedIdentityPrincipalId
  description: 'The identity of the function app signs in as this application, without a secret.'
}

output clientId string = registration.appId
output identifierUri string = identifierUri
