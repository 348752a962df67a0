import { tagSet } from '../types.bicep'

@description('Region of the alert rules.')
param location string

@description('Tags of every resource.')
param tags tagSet

@description('Name of the Log Analytics workspace that holds the logs of the app.')
param workspaceName string

@description('What the name of each alert rule starts with.')
param namePrefix string

@description('Name of the action group.')
param actionGroupName string

@description('Who is told by email; empty: nobody.')
param email string

@description('Hours between two audits; the alert waits for twice as long.')
param auditIntervalHours int

var silenceHours = auditIntervalHours * 2

// docs/operate.md says of each what it means and what to do; a test compares the two.
var rules = [
  {
    name: 'no-audit'
    title: 'No audit completed in two intervals'
    severity: 1
    every: 'PT1H'
    resolvesItself: true
    window: silenceHours <= 24 ? 'P1D' : 'P2D'
    // `summarize count()` gives a row even when nothing was logged at all, which is the case that matters most.
    query: 'AppRequests | where TimeGenerated > ago(${silenceHours}h) | summarize planned = countif(Name == "plan-audit" and Success), listed = countif(Name == "inventory-subscription" and Success), tried = countif(Name == "scan-cluster"), scanned = countif(Name == "scan-cluster" and Success) | where planned == 0 or listed == 0 or (tried > 0 and scanned == 0)'
  }
  {
    name: 'parked-messages'
    title: 'Messages failed for good'
    severity: 2
    every: 'PT15M'
    resolvesItself: false
    window: 'PT15M'
    query: 'AppTraces | where Message has "Message parked:"'
  }
  {
    name: 'critical-finding'
    title: 'A critical finding was opened'
    severity: 1
    every: 'PT5M'
    resolvesItself: false
    window: 'PT5M'
    query: 'AppTraces | where Message has "Critical finding opened:"'
  }
  {
    name: 'isolation-disproved'
    title: 'The probe disproved the isolation of a pod'
    severity: 0
    every: 'PT5M'
    resolvesItself: false
    window: 'PT5M'
    query: 'AppTraces | where Message has "Critical finding opened: isolation-proven"'
  }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  name: workspaceName
}

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(email)) {
  name: actionGroupName
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'kataudit'
    emailReceivers: [
      {
        name: 'operators'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource alertRules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: '${namePrefix}${rule.name}'
    location: location
    tags: tags
    properties: {
      displayName: 'Kataudit: ${rule.title}'
      description: 'See docs/operate.md, "${rule.name}".'
      severity: rule.severity
      enabled: true
      scopes: [workspace.id]
      evaluationFrequency: rule.every
      windowSize: rule.window
      autoMitigate: rule.resolvesItself
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: { actionGroups: empty(email) ? [] : [actionGroup.id] }
    }
  }
]
