using '../../../infra/main.bicep'

param environmentName = 'prod'
param location = 'westeurope'
param auditedSubscriptions = '11111111-1111-4111-8111-111111111111, 33333333-3333-4333-8333-333333333333'
param probe = 'exec'
param probeScopes = '/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/aks/providers/Microsoft.ContainerService/managedClusters/two'
param signIn = 'off'
param operatorKeys = 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9'
param auditIntervalHours = 23
