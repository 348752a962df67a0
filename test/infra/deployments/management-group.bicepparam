using '../../../infra/roles/management-group.bicep'

param identityId = '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-prod/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-kataudit-abcdefghijklm'
param nameSuffix = 'prod, abcdefghijklm'
param subscriptionIds = '11111111-1111-4111-8111-111111111111,33333333-3333-4333-8333-333333333333'
param defenderEnabled = true
param attestationsEnabled = true
