import { settingSet } from 'types.bicep'

@description('Settings that a person may add: those of notification targets, and telemetry backends in addition to Application Insights.')
func isAddable(entry string) bool => startsWith(entry, 'KATAUDIT_TARGET_') || startsWith(entry, 'OTEL_EXPORTER_')

func entriesOf(text string) string[] => filter(split(text, ' '), entry => !empty(entry))

// No function gets a value that it returned itself, because Resource Manager treats that as a cycle.
func refusedNames(text string) string[] =>
  map(filter(entriesOf(text), entry => !contains(entry, '=') || !isAddable(entry)), entry => split(entry, '=')[0])

@export()
@description('Parses settings given as NAME=VALUE separated by spaces; fails for a setting that has its own parameter.')
func settingsOf(text string) settingSet =>
  empty(refusedNames(text))
    ? toObject(entriesOf(text), entry => split(entry, '=')[0], entry => substring(entry, indexOf(entry, '=') + 1))
    : fail('moreSettings (KATAUDIT_MORE_SETTINGS) takes KATAUDIT_TARGET_… and OTEL_EXPORTER_… as NAME=VALUE, separated by spaces, and not ${first(refusedNames(text))}.')

@export()
@description('Parses the ARM ids, separated by commas, of the scopes of the probe; fails if a canary would get a whole cluster.')
func probeScopesOf(probe string, text string) string[] =>
  probe == 'off'
    ? []
    : probe == 'exec' || empty(wholeClusters(text))
        ? idsOf(text)
        : fail('probeScopes (KATAUDIT_PROBE_SCOPES) names the cluster ${wholeClusters(text)[0]} as a whole; canaries get a namespace: CLUSTER/namespaces/NAME.')

func idsOf(text string) string[] => filter(split(replace(text, ' ', ''), ','), id => !empty(id))

func wholeClusters(text string) string[] => filter(idsOf(text), id => !contains(toLower(id), '/namespaces/'))
