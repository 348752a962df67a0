import { settingsOf } from '../settings.bicep'
import { tagSet } from '../types.bicep'

@description('Region of the app.')
param location string

@description('Tags of every resource.')
param tags tagSet

@description('Name of the Flex Consumption plan.')
param planName string

@description('Name of the function app.')
param name string

@description('Version of Node.js.')
param nodeVersion string

@description('Maximum number of instances of each function.')
param maximumInstanceCount int

@description('Memory of one instance, in MB.')
param instanceMemoryMB int

@description('Name of the identity that the app runs as.')
param identityName string

@description('Name of the identity that the isolation probe uses at API servers; empty: no probe.')
param probeIdentityName string

@description('Name of the storage account of the app.')
param storageAccountName string

@description('Name of the Application Insights component.')
param applicationInsightsName string

@description('Name of the virtual network that the app joins; empty: none.')
param networkName string

@description('How callers authenticate: required (sign-in), or-key or off (only keys).')
param signIn string

@description('Digests of the keys that may read.')
param readerKeys string

@description('Digests of the keys that may read and write.')
param operatorKeys string

@description('Public address of the app; empty: the address that Azure assigns.')
param publicUrl string

@description('Client id of the app registration for sign-in.')
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

@description('Whether AKS’s public vulnerability data is queried: off or on.')
param vulnerabilities string

@description('Whether API servers may compress what they send: auto, on or off.')
param gzip string

@description('Maximum number of clusters with their own metrics.')
param clusterMetrics string

@description('Whether findings are written to Microsoft Defender for Cloud: off, on or withdraw.')
param defender string

@description('Whether clusters are attested to Azure Policy: off, on or withdraw.')
param attestations string

@description('Name of the policy assignment that clusters are attested for; empty: none.')
param policyAssignment string

@description('How long a burst of events settles, in seconds.')
param settleSeconds string

@description('Number of seconds over which the scans of one audit are spread.')
param jitterSeconds string

@description('The isolation probe: off, exec or canary.')
param probe string

@description('Address of the key that signs evidence; empty: none.')
param signingKeyUri string

@secure()
@description('Webhook that receives notifications of findings; empty: none.')
param notifyUrl string

@description('Format of the notifications: cloudevents, slack or teams.')
param notifyFormat string

@description('Only findings at least this severe are sent to the webhook.')
param notifySeverity string

@secure()
@description('Secret that signs notifications to the webhook; empty: unsigned.')
param notifySecret string

@secure()
@description('More settings: KATAUDIT_TARGET_… and OTEL_EXPORTER_…, as NAME=VALUE separated by spaces.')
param moreSettings string

@description('Whether there are more settings; a preview cannot read a secret.')
param hasMoreSettings bool

var resourceManager = environment().resourceManager
var armEndpoint = endsWith(resourceManager, '/') ? take(resourceManager, length(resourceManager) - 1) : resourceManager

resource storageAccount 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: storageAccountName
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource probeIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = if (!empty(probeIdentityName)) {
  name: empty(probeIdentityName) ? 'none' : probeIdentityName
}

resource network 'Microsoft.Network/virtualNetworks@2025-01-01' existing = if (!empty(networkName)) {
  name: empty(networkName) ? 'none' : networkName

  resource app 'subnets' existing = {
    name: 'app'
  }
}

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: applicationInsightsName
}

// One plain object, so that a preview shows every value while moreSettings is empty. A test compares it with the settings that the
// code reads. The host uses about 230 MB of an instance, and the worker is limited to the rest: without a limit Node grows until the
// instance is full and killed. The space for new objects is small, so that garbage from lists is collected early.
var heapMB = instanceMemoryMB == 512 ? 192 : instanceMemoryMB == 2048 ? 1280 : 3072

var ownSettings = {
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identity.properties.clientId
  // By its addresses, because the host turns a name into an address of the public cloud.
  AzureWebJobsStorage__blobServiceUri: storageAccount.properties.primaryEndpoints.blob
  AzureWebJobsStorage__queueServiceUri: storageAccount.properties.primaryEndpoints.queue
  AzureWebJobsStorage__tableServiceUri: storageAccount.properties.primaryEndpoints.table
  APPLICATIONINSIGHTS_CONNECTION_STRING: applicationInsights.properties.ConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
  AZURE_CLIENT_ID: identity.properties.clientId
  // Everything is kept: alerts read log lines, and the default keeps those of five traces a second.
  OTEL_TRACES_SAMPLER: 'microsoft.fixed_percentage'
  OTEL_TRACES_SAMPLER_ARG: '1.0'
  // Not a secret: it names the identity that signs in as the app registration instead of a secret.
  OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID: signIn == 'off' ? '' : identity.properties.clientId
  languageWorkers__node__arguments: '--max-semi-space-size=1 --max-old-space-size=${heapMB}'
  // Otherwise each thread of the worker keeps its own native heap, up to eight per core. Measured: docs/scale.md.
  MALLOC_ARENA_MAX: '2'
  KATAUDIT_SUBSCRIPTIONS: subscriptions
  KATAUDIT_MANAGEMENT_GROUPS: managementGroups
  KATAUDIT_SCHEDULE: schedule
  KATAUDIT_POLICY: policy
  KATAUDIT_VULNERABILITIES: vulnerabilities
  KATAUDIT_GZIP: gzip
  KATAUDIT_DEFENDER: defender
  KATAUDIT_ATTESTATIONS: attestations
  KATAUDIT_POLICY_ASSIGNMENT: policyAssignment
  KATAUDIT_CLUSTER_METRICS: clusterMetrics
  KATAUDIT_ARM_ENDPOINT: armEndpoint
  KATAUDIT_SETTLE_SECONDS: settleSeconds
  KATAUDIT_JITTER_SECONDS: jitterSeconds
  KATAUDIT_PROBE: probe
  KATAUDIT_PROBE_CLIENT_ID: empty(probeIdentityName) ? '' : probeIdentity!.properties.clientId
  KATAUDIT_NOTIFY_URL: notifyUrl
  KATAUDIT_NOTIFY_FORMAT: notifyFormat
  KATAUDIT_NOTIFY_SEVERITY: notifySeverity
  KATAUDIT_NOTIFY_SECRET: notifySecret
  KATAUDIT_SIGNING_KEY: signingKeyUri
  KATAUDIT_SIGN_IN: signIn
  KATAUDIT_READER_KEYS: readerKeys
  KATAUDIT_OPERATOR_KEYS: operatorKeys
  KATAUDIT_PUBLIC_URL: publicUrl
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { tier: 'FlexConsumption', name: 'FC1' }
  properties: { reserved: true }
}

resource site 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: empty(probeIdentityName)
      ? { '${identity.id}': {} }
      : { '${identity.id}': {}, '${probeIdentity.id}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    publicNetworkAccess: 'Enabled'
    virtualNetworkSubnetId: empty(networkName) ? null : network::app.id
    // References to Key Vault in settings are resolved by this identity; by default Azure uses the system-assigned identity, which
    // this app does not have.
    keyVaultReferenceIdentity: identity.id
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      http20Enabled: true
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storageAccount.properties.primaryEndpoints.blob}app-package'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
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

resource appSettings 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: site
  name: 'appsettings'
  properties: hasMoreSettings ? union(settingsOf(moreSettings), ownSettings) : ownSettings
}

// Basic authentication would allow a publishing password in addition to Entra ID.
resource ftpPolicy 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: site
  name: 'ftp'
  properties: { allow: false }
}

resource scmPolicy 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: site
  name: 'scm'
  properties: { allow: false }
}

resource authentication 'Microsoft.Web/sites/config@2025-03-01' = if (signIn != 'off') {
  parent: site
  name: 'authsettingsV2'
  properties: {
    platform: { enabled: true, runtimeVersion: '~1' }
    globalValidation: {
      requireAuthentication: signIn == 'required'
      // When keys are also allowed, the app itself rejects callers with neither; the platform still drops a forged header.
      unauthenticatedClientAction: signIn == 'required' ? 'RedirectToLoginPage' : 'AllowAnonymous'
      redirectToProvider: 'azureactivedirectory'
      // Event Grid authenticates to the webhook with the host's system key; load balancers request health.
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

output hostName string = site.properties.defaultHostName
