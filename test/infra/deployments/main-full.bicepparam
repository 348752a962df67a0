using '../../../infra/main.bicep'

param environmentName = 'prod'
param location = 'westeurope'
param vnetEnabled = true
param evidenceKeyEnabled = true
param probe = 'canary'
param probeScopes = '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/aks/providers/Microsoft.ContainerService/managedClusters/one/namespaces/kataudit-canary'
param readVolumes = true
param readTemplates = true
param publicUrl = 'https://kataudit.example.com/'
param defender = 'on'
param attestations = 'on'
param alertEmail = 'team@example.com'
param supportPrincipalId = '44444444-4444-4444-8444-444444444444'
param notifyUrl = '@Microsoft.KeyVault(SecretUri=https://kv-shared.vault.azure.net/secrets/hook)'
param referencedVaultId = '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/shared/providers/Microsoft.KeyVault/vaults/kv-shared'
