/** The variables that azd gives to a hook, after `azd provision`. */
export const ENVIRONMENT = {
  AZURE_ENV_NAME: 'prod',
  AZURE_LOCATION: 'westeurope',
  AZURE_SUBSCRIPTION_ID: '11111111-1111-4111-8111-111111111111',
  AZURE_RESOURCE_GROUP: 'rg-prod',
  SERVICE_API_NAME: 'func-kataudit-abcdefghijklm',
  KATAUDIT_DEPLOYMENT_TOKEN: 'abcdefghijklm',
  KATAUDIT_STORAGE_ACCOUNT: 'stabcdefghijklm',
  KATAUDIT_EVENT_IDENTITY_ID:
    '/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/rg-prod/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-events',
  KATAUDIT_AUDITED_SUBSCRIPTIONS: '11111111-1111-4111-8111-111111111111,33333333-3333-4333-8333-333333333333',
} as const;
