# Subscribes the deployed function to Event Grid: an event subscription is refused before its function exists.
# Runs after each deployment; the values come from the azd environment.
$ErrorActionPreference = 'Stop'

foreach ($name in 'AZURE_ENV_NAME', 'AZURE_LOCATION', 'AZURE_RESOURCE_GROUP', 'SERVICE_API_NAME', 'KATAUDIT_STORAGE_ACCOUNT', 'KATAUDIT_EVENT_IDENTITY_ID') {
  if (-not [Environment]::GetEnvironmentVariable($name)) { throw "$name is not set: run me by azd, or set the values of the azd environment." }
}
$id = az functionapp show --resource-group $env:AZURE_RESOURCE_GROUP --name $env:SERVICE_API_NAME --query id --output tsv
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
$home_subscription = $id.Split('/')[2]
foreach ($subscription in "$env:KATAUDIT_AUDITED_SUBSCRIPTIONS".Split(',', [StringSplitOptions]::RemoveEmptyEntries)) {
  Write-Output "Subscribing to the events of $subscription"
  az deployment sub create `
    --subscription $subscription `
    --name "kataudit-events-$env:AZURE_ENV_NAME" `
    --location $env:AZURE_LOCATION `
    --template-file "$PSScriptRoot/events.bicep" `
    --output none `
    --parameters `
    "environmentName=$env:AZURE_ENV_NAME" `
    "location=$env:AZURE_LOCATION" `
    "appSubscriptionId=$home_subscription" `
    "appResourceGroup=$env:AZURE_RESOURCE_GROUP" `
    "functionAppName=$env:SERVICE_API_NAME" `
    "storageAccountName=$env:KATAUDIT_STORAGE_ACCOUNT" `
    "eventIdentityId=$env:KATAUDIT_EVENT_IDENTITY_ID" `
    "clusters=$env:KATAUDIT_EVENT_CLUSTERS" `
    "existingTopicName=$env:KATAUDIT_EXISTING_TOPIC" `
    "existingTopicResourceGroup=$env:KATAUDIT_EXISTING_TOPIC_GROUP"
  if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
}
