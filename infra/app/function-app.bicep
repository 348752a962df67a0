@description('Region of the app.')
param location string

@description('Tags of every resource.')
param tags object

@description('Name of the Flex Consumption plan.')
param planName string

@description('Name of the function app.')
param name string

@description('Version of Node.js.')
param nodeVersion string

@description('The most instances of each function.')
param maximumInstanceCount int

@description('Memory of one instance, in MB.')
param instanceMemoryMB int

@description('Id of the identity that the app runs as.')
param identityId string

@description('Client id of the identity that the app runs as.')
param identityClientId string

@description('Name of the storage account of the app.')
param storageAccountName string

@description('Name of the container that holds the deployed package.')
param packageContainerName string

@description('Name of the Application Insights component.')
param applicationInsightsName string

@description('Id of the subnet that the app joins; empty: none.')
param subnetId string

@description('Client id of the app registration that guards the app; empty: function keys alone guard it.')
param applicationClientId string

@description('Identifier URI of that app registration.')
param applicationIdUri string

@description('Subscriptions to audit, separated by commas.')
param subscriptions string

@description('Management groups to audit, separated by commas.')
param managementGroups string

@description('When an audit starts: NCRONTAB with seconds, UTC.')
param schedule string

@description('The policy: a blob as container/name.')
param policy string

@description('How long a burst of events settles, in seconds.')
param settleSeconds string

@description('Over how many seconds the scans of one audit spread.')
param jitterSeconds string

@description('The isolation probe: off, exec or canary.')
param probe string

@description('Address of the key that signs evidence; empty: none.')
param signingKeyUri string

@secure()
@description('The webhook that is told of findings; empty: none.')
param notifyUrl string

@description('What the webhook takes: cloudevents, slack or teams.')
param notifyFormat string

@description('The webhook is told of findings at least this severe.')
param notifySeverity string

@secure()
@description('Signs what is sent to the webhook; empty: unsigned.')
param notifySecret string

var resourceManager = environment().resourceManager
var armEndpoint = endsWith(resourceManager, '/') ? take(resourceManager, length(resourceManager) - 1) : resourceManager
var signIn = !empty(applicationClientId)

// A test compares these with the settings that the code reads.
var platformSettings = {
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsights.properties.ConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  AZURE_CLIENT_ID: identityClientId
  // Everything is kept: alerts count requests and read log lines, and the default keeps five traces a second.
  OTEL_TRACES_SAMPLER: 'microsoft.fixed_percentage'
  OTEL_TRACES_SAMPLER_ARG: '1.0'
}
// The host takes the name before any address, and makes an address of the public cloud of it.
var namedStorage = { AzureWebJobsStorage__accountName: storageAccount.name }
var addressedStorage = {
  AzureWebJobsStorage__blobServiceUri: storageAccount.properties.primaryEndpoints.blob
  AzureWebJobsStorage__queueServiceUri: storageAccount.properties.primaryEndpoints.queue
  AzureWebJobsStorage__tableServiceUri: storageAccount.properties.primaryEndpoints.table
}
var ownSettings = {
  KATAUDIT_SUBSCRIPTIONS: subscriptions
  KATAUDIT_MANAGEMENT_GROUPS: managementGroups
  KATAUDIT_SCHEDULE: schedule
  KATAUDIT_POLICY: policy
  KATAUDIT_ARM_ENDPOINT: armEndpoint
  KATAUDIT_SETTLE_SECONDS: settleSeconds
  KATAUDIT_JITTER_SECONDS: jitterSeconds
  KATAUDIT_PROBE: probe
  KATAUDIT_NOTIFY_URL: notifyUrl
  KATAUDIT_NOTIFY_FORMAT: notifyFormat
  KATAUDIT_NOTIFY_SEVERITY: notifySeverity
  KATAUDIT_NOTIFY_SECRET: notifySecret
}
// Not a secret: it names the identity that signs in as the app registration, in place of one.
var signInSettings = { OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID: identityClientId }

var signingSettings = { KATAUDIT_SIGNING_KEY: signingKeyUri }

resource storageAccount 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageAccountName
}

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: applicationInsightsName
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { tier: 'FlexConsumption', name: 'FC1' }
  properties: { reserved: true }
}

resource site 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    publicNetworkAccess: 'Enabled'
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      http20Enabled: true
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storageAccount.properties.primaryEndpoints.blob}${packageContainerName}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      scaleAndConcurrency: {
        maximumInstanceCount: maximumInstanceCount
        instanceMemoryMB: instanceMemoryMB
      }
      runtime: {
        name: 'node'
        version: nodeVersion
      }
    }
  }
}

resource appSettings 'Microsoft.Web/sites/config@2024-04-01' = {
  parent: site
  name: 'appsettings'
  properties: union(
    platformSettings,
    environment().name == 'AzureCloud' ? namedStorage : addressedStorage,
    ownSettings,
    signIn ? signInSettings : {},
    empty(signingKeyUri) ? {} : signingSettings
  )
}

// Basic authentication would let a publishing password in beside Entra ID.
resource ftpPolicy 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: site
  name: 'ftp'
  properties: { allow: false }
}

resource scmPolicy 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: site
  name: 'scm'
  properties: { allow: false }
}

resource authentication 'Microsoft.Web/sites/config@2024-04-01' = if (signIn) {
  parent: site
  name: 'authsettingsV2'
  properties: {
    platform: { enabled: true, runtimeVersion: '~1' }
    globalValidation: {
      requireAuthentication: true
      unauthenticatedClientAction: 'RedirectToLoginPage'
      redirectToProvider: 'azureactivedirectory'
      // Event Grid proves itself to the webhook by the host's system key; load balancers ask for health.
      excludedPaths: ['/runtime/webhooks/eventgrid', '/runtime/webhooks/EventGrid', '/api/health']
    }
    httpSettings: { requireHttps: true }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
          clientId: applicationClientId
          clientSecretSettingName: 'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID'
        }
        validation: {
          allowedAudiences: [applicationClientId, applicationIdUri]
        }
      }
    }
    login: { tokenStore: { enabled: false } }
  }
  dependsOn: [appSettings]
}

output name string = site.name
output hostName string = site.properties.defaultHostName
