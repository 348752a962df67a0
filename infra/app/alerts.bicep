import { tagSet } from '../types.bicep'

@description('Region of the alert rules.')
param location string

@description('Tags of every resource.')
param tags tagSet

@description('Name of the Log Analytics workspace that holds the logs of the app.')
param workspaceName string

@description('Prefix of the name of each alert rule.')
param namePrefix string

@description('Name of the action group.')
param actionGroupName string

@description('Email address that receives alerts; empty: none.')
param email string

@description('Longest time between two audits, in hours.')
param auditIntervalHours int

// An audit takes at most two hours and a log line up to half an hour to arrive, so every window is longer.
var silenceHours = auditIntervalHours * 2 + 2
var overdueMinutes = auditIntervalHours * 60 + 45

// All rules query lines that the app itself writes: what the host logs of timers and queues depends on its version, and gets lost at cold
// starts (azure-functions-host#11910). docs/operate.md explains each alert and what to do; a test compares the two.
var rules = [
  {
    name: 'no-audit'
    title: 'No audit saw anything in two intervals'
    severity: 1
    every: 'PT1H'
    window: 'P2D'
    dimensions: []
    // `summarize count()` gives a row even when nothing was logged at all, which is the case that matters most.
    query: 'AppTraces | where TimeGenerated > ago(${silenceHours}h) | summarize seeing = countif(Message has "Audit ended:" and Message has "outcome seeing") | where seeing == 0'
  }
  {
    name: 'audit-overdue'
    title: 'No audit began when one was due'
    severity: 2
    every: 'PT30M'
    window: 'P2D'
    dimensions: []
    query: 'AppTraces | where TimeGenerated > ago(${overdueMinutes}m) | summarize planned = countif(Message has "Audit planned:" and Message has "cause timer") | where planned == 0'
  }
  {
    name: 'parked-messages'
    title: 'Messages failed for good'
    severity: 2
    every: 'PT15M'
    window: 'PT2H'
    dimensions: ['Parked']
    query: 'AppTraces | where Message has "Message parked:" | extend Parked = extract("parked: ([0-9a-f]+)", 1, Message)'
  }
  {
    name: 'critical-finding'
    title: 'A critical finding was opened'
    severity: 1
    every: 'PT5M'
    window: 'PT1H'
    dimensions: ['Finding']
    query: 'AppTraces | where Message has "Critical finding opened:" | extend Finding = extract(", finding ([^ ]+)$", 1, Message)'
  }
  {
    name: 'isolation-disproved'
    title: 'The probe disproved the isolation of a pod'
    severity: 0
    every: 'PT5M'
    window: 'PT1H'
    dimensions: ['Finding']
    query: 'AppTraces | where Message has "Critical finding opened: isolation-proven" | extend Finding = extract(", finding ([^ ]+)$", 1, Message)'
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
      // With a dimension each finding is a separate alert: a line in two windows fires once, and other lines do not hide it.
      autoMitigate: true
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            dimensions: map(rule.dimensions, name => { name: name, operator: 'Include', values: ['*'] })
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
