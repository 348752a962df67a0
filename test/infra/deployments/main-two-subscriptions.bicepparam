using '../../../infra/main.bicep'

param environmentName = 'prod'
param location = 'westeurope'
param auditedSubscriptions = '11111111-1111-4111-8111-111111111111, 33333333-3333-4333-8333-333333333333'
param probe = 'exec'
param probeScopes = '/subscriptions/33333333-3333-4333-8333-333333333333/resourceGroups/aks/providers/Microsoft.ContainerService/managedClusters/two'
param entraSignIn = false
param auditIntervalHours = 23
