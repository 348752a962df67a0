import { DEFAULT_POLICY } from '../domain/policy/policy.ts';
import type { Rule } from '../domain/rule/rule.ts';

/** A commented policy file with every section and its built-in values. Used unchanged, it has no effect. */
export function starterPolicy(rules: readonly Rule[]): string {
  const { scope, nodeImages, pods, probe, retention, staleAfterAudits } = DEFAULT_POLICY;
  return `# yaml-language-server: $schema=./policy.schema.json
# The policy that Kataudit judges by. What is left out keeps the value written here.
# \`kataudit policy schema --output policy.schema.json\` lets editors complete this file,
# \`kataudit policy check FILE\` lists every mistake, and
# \`kataudit policy explain --policy FILE --cluster NAME --namespace NAME\` shows which entry applies.
version: 1

# Which clusters are audited, of the subscriptions and management groups that the settings name.
scope:
  include: ['${scope.include.join("', '")}'] # globs over cluster names
  exclude: []
  includeTags: {} # tags that a cluster must have, all of them
  excludeTags: {}

# Which clusters must have a Kata node pool. The first matching entry is used.
clusters:
  - name: tagged as not sandboxed
    tags: { kataudit.io/sandbox: none }
    kataPool: not-required
  - name: every other cluster
    kataPool: required

# Which pods must run in a pod VM. Every matching entry applies.
workloads:
  - name: pods labelled kataudit.io/sandbox=required
    podLabels: { kataudit.io/sandbox: required }
  - name: namespaces labelled kataudit.io/sandbox=required
    namespaceLabels: { kataudit.io/sandbox: required }
  # - name: tenant workloads
  #   namespaces: ['tenant-*']
  #   acceptedHandlers: [kata] # absent means kata, kata-cc and kata-preview

# Ages of node images, in days.
nodeImages:
  graceDays: ${nodeImages.graceDays} # how far behind the newest image a pool may be
  staleDays: ${nodeImages.staleDays} # an image older than this that lags is a medium finding
  unsupportedDays: ${nodeImages.unsupportedDays} # older images are not supported

# How pods are read: all of them (census), those of some nodes (sample), those that the policy needs (targeted), or as the budget allows (auto).
pods:
  mode: ${pods.mode}
  confidence: ${pods.confidence}
  toleratedRate: ${pods.toleratedRate}
  budgetPods: ${pods.budgetPods}
  budgetSeconds: ${pods.budgetSeconds}
  maxWorkloads: ${pods.maxWorkloads}

# The isolation probe, where the setting KATAUDIT_PROBE turns it on.
probe:
  namespace: ${probe.namespace} # where canary pods run
  image: '' # image of the canary pods
  resources: { cpu: ${probe.resources.cpu}, memory: ${probe.resources.memory} } # what a canary requests and is limited to
  podsPerPool: ${probe.podsPerPool}
  renewAfterDays: ${probe.renewAfterDays}
  includeSystemNamespaces: ${probe.includeSystemNamespaces}
  clusters: ['${probe.clusters.join("', '")}']

# Another severity for a rule, or off; on for the rules that are off by default.
rules: {}
${rules.map((rule) => `  # ${rule.id}: ${rule.optIn === true ? 'on' : rule.severity} # ${rule.title}`).join('\n')}

# Failures that are accepted until a date. After it they count again.
exemptions: []
  # - id: legacy-checkout
  #   rule: workload-sandboxed
  #   cluster: 'pay-*'
  #   namespace: checkout
  #   workload: legacy-*
  #   category: waiver # or mitigated
  #   reason: Moves to the sandbox with release 4.
  #   approvedBy: security@example.com
  #   expiresOn: 2027-01-31

# Who is notified when findings open, reopen and resolve. The setting KATAUDIT_TARGET_ON_CALL holds the address of "on-call".
notifications:
  allowPrivateAddresses: false # whether targets on this machine and in private networks may be reached
  targets: []
  # - name: on-call
  #   format: slack # or teams, cloudevents, eventgrid
  #   severity: high
  #   rules: ['sandboxed-*']
  #   clusters: ['pay-*']
  #   owners: ['checkout/*'] # globs over namespace/workload
  #   digestSeconds: 30

# How long history and resolved findings are kept, in days.
retention:
  historyDays: ${retention.historyDays}
  resolvedDays: ${retention.resolvedDays}

# A cluster that was not seen for this many audits is shown as stale.
staleAfterAudits: ${staleAfterAudits}
`;
}
