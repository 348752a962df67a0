@export()
@description('Tags of every resource of an environment.')
type tagSet = {
  @description('The name of the environment, by which azd finds its resources.')
  'azd-env-name': string
}

@export()
@description('A GUID of an Azure subscription.')
@minLength(36)
@maxLength(36)
type subscriptionId = string

@export()
@description('A cluster whose own events the app receives.')
type clusterEvents = {
  @description('ARM id of the cluster.')
  id: string

  @description('ARM id of its system topic, if it exists: Azure allows only one. Empty: one is created.')
  existingTopicId: string
}

@export()
@description('App settings by their names.')
type settingSet = {
  @description('The value of a setting.')
  *: string
}
