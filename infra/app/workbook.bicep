import { tagSet } from '../types.bicep'

@description('Region of the workbook.')
param location string

@description('Tags of every resource.')
param tags tagSet

@description('Name of the Log Analytics workspace that holds the logs of the app.')
param workspaceName string

@description('Public address of the app, without a trailing slash.')
param appUrl string

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  name: workspaceName
}

// `npm run documents` writes the file; a test runs its queries over the lines that the app logs.
var content = replace(replace(loadTextContent('workbook.json'), 'https://APP', appUrl), 'WORKSPACE-ID', workspace.id)

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, 'kataudit')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Kataudit'
    category: 'workbook'
    version: 'Notebook/1.0'
    sourceId: workspace.id
    serializedData: content
  }
}
