#!/bin/sh
# Subscribes the deployed function to Event Grid: an event subscription is refused before its function exists.
# Runs after each deployment; the values come from the azd environment.
set -eu

: "${AZURE_ENV_NAME:?run me by azd, or set the values of the azd environment}"
# Each by itself: a failure within a pipe or a loop's list would not end the script.
id=$(az functionapp show --resource-group "$AZURE_RESOURCE_GROUP" --name "$SERVICE_API_NAME" --query id --output tsv)
home=$(printf '%s' "$id" | cut -d/ -f3)
subscriptions=$KATAUDIT_AUDITED_SUBSCRIPTIONS
for subscription in $(printf '%s' "$subscriptions" | tr ',' ' '); do
  echo "Subscribing to the events of $subscription"
  az deployment sub create \
    --subscription "$subscription" \
    --name "kataudit-events-$AZURE_ENV_NAME" \
    --location "$AZURE_LOCATION" \
    --template-file "$(dirname "$0")/events.bicep" \
    --output none \
    --parameters \
    "environmentName=$AZURE_ENV_NAME" \
    "location=$AZURE_LOCATION" \
    "appSubscriptionId=$home" \
    "appResourceGroup=$AZURE_RESOURCE_GROUP" \
    "functionAppName=$SERVICE_API_NAME" \
    "storageAccountName=$KATAUDIT_STORAGE_ACCOUNT" \
    "eventIdentityId=$KATAUDIT_EVENT_IDENTITY_ID" \
    "clusters=${KATAUDIT_EVENT_CLUSTERS:-}" \
    "existingTopicName=${KATAUDIT_EXISTING_TOPIC:-}" \
    "existingTopicResourceGroup=${KATAUDIT_EXISTING_TOPIC_GROUP:-}"
done
