import { z } from 'zod';
import { EXEMPTION_FIELDS, EXEMPTION_ID, endOf } from '../domain/policy/exemption-schema.ts';
import { NOTIFY_FORMATS } from '../domain/policy/notification-target.ts';
import { DEFAULT_POLICY } from '../domain/policy/policy.ts';
import { SEVERITIES } from '../domain/policy/severity.ts';
import { given } from '../domain/snapshot/given.ts';

const glob = z.string().min(1).max(253);
const globs = z.array(glob);
const selector = z.record(z.string().min(1), z.string());
const share = z.number().gt(0).lt(1);
const days = z.int().min(0).max(36_500);
const labelKey = z.string().min(1).max(317);
const { scope, nodeImages, pods, probe, dueDays, owners, retention } = DEFAULT_POLICY;

const quantity = z
  .string()
  .regex(/^\d{1,9}(\.\d{1,9})?(m|k|Ki|M|Mi|G|Gi)?$/, 'expected a Kubernetes quantity such as 50m or 32Mi')
  .describe('A Kubernetes quantity, such as 50m or 32Mi.');

const workload = z.strictObject({
  name: z.string().min(1).describe('Shown as the reason.'),
  namespaces: globs.exactOptional().describe('Globs over namespace names; absent means every namespace.'),
  podLabels: selector.exactOptional().describe('Labels that a pod must have, all of them.'),
  namespaceLabels: selector.exactOptional().describe('Labels that a namespace must have, all of them.'),
  acceptedHandlers: z
    .array(z.string().min(1))
    .min(1)
    .exactOptional()
    .describe('Handlers that count as a sandbox, names or globs; absent means kata, kata-cc and kata-preview.'),
});

const cluster = z.strictObject({
  name: z.string().min(1).describe('Shown as the reason.'),
  clusters: globs.exactOptional().describe('Globs over cluster names.'),
  tags: selector.exactOptional().describe('Tags that the cluster must have, all of them.'),
  kataPool: z.enum(['required', 'not-required']),
});

const exemption = z.strictObject({
  id: z.string().regex(EXEMPTION_ID, 'expected lower-case letters, digits and hyphens, at most 63'),
  ...EXEMPTION_FIELDS,
  expiresOn: EXEMPTION_FIELDS.expiresOn.transform((text) => endOf(text) ?? text),
});

const target = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,38}[a-z0-9]$/, 'expected lower-case letters, digits and hyphens, 2 to 40')
    .describe('Names the settings that hold its address and secret: KATAUDIT_TARGET_NAME and KATAUDIT_TARGET_NAME_SECRET.'),
  format: z.enum(NOTIFY_FORMATS),
  severity: z.enum(SEVERITIES).default('high').describe('Only findings at least this severe.'),
  rules: globs.exactOptional().describe('Globs over ids of rules; absent means every one.'),
  clusters: globs.exactOptional().describe('Globs over cluster names; absent means every one.'),
  owners: globs.exactOptional().describe('Globs over namespace/workload; absent means every workload and every other subject.'),
  digestSeconds: z.int().min(0).max(86_400).default(30).describe('How long changes are collected into one message.'),
});

/** The schema of the policy file; an omitted value keeps its default. */
export const PolicyFile = z
  .strictObject({
    version: z.literal(1),
    scope: z
      .strictObject({
        subscriptions: z
          .array(z.guid())
          .default([...scope.subscriptions])
          .describe('Subscription ids, in addition to those of the settings.'),
        managementGroups: z.array(z.string().min(1)).default([...scope.managementGroups]),
        include: globs.default([...scope.include]).describe('Globs over cluster names.'),
        exclude: globs.default([...scope.exclude]).describe('Globs over cluster names.'),
        includeTags: selector.default({ ...scope.includeTags }).describe('Tags that a cluster must have, all of them.'),
        excludeTags: selector.default({ ...scope.excludeTags }).describe('Tags that leave a cluster out when it has all of them.'),
      })
      .prefault({})
      .describe('Which clusters are audited.'),
    clusters: z
      .array(cluster)
      .default(DEFAULT_POLICY.clusters.map(({ name, kataPool, tags }) => ({ name, kataPool, ...given({ tags }) })))
      .describe('Which clusters must have a Kata pool; the first matching entry is used.'),
    workloads: z
      .array(workload)
      .default(
        DEFAULT_POLICY.workloads.map(({ name, podLabels, namespaceLabels }) => ({
          name,
          ...given({ podLabels, namespaceLabels }),
        })),
      )
      .describe('What must be sandboxed; every matching entry applies.'),
    nodeImages: z
      .strictObject({
        graceDays: days.default(nodeImages.graceDays).describe('Days by which an image may be behind the newest one.'),
        staleDays: days.default(nodeImages.staleDays).describe('Age in days from which an image that lags has a higher severity.'),
        unsupportedDays: days.default(nodeImages.unsupportedDays).describe('Age in days beyond which an image is not supported.'),
      })
      .prefault({}),
    pods: z
      .strictObject({
        mode: z
          .enum(['auto', 'census', 'sample', 'targeted'])
          .default(pods.mode)
          .describe(
            'How pods are read: all (census), those of some nodes (sample), those that the policy needs where that saves half (targeted), or as the budget allows (auto).',
          ),
        confidence: share.default(pods.confidence).describe('Confidence level of a sample.'),
        toleratedRate: share.default(pods.toleratedRate).describe('Share of violating nodes that a sample may miss.'),
        budgetPods: z.int().min(1).default(pods.budgetPods).describe('Pods beyond which auto takes a sample.'),
        budgetSeconds: z.int().min(1).max(3_600).default(pods.budgetSeconds).describe('Seconds that reading the pods may take.'),
        maxWorkloads: z
          .int()
          .min(1)
          .max(1_000_000)
          .default(pods.maxWorkloads)
          .describe('Maximum number of workloads that are kept, which limits memory.'),
      })
      .prefault({}),
    probe: z
      .strictObject({
        namespace: z
          .string()
          .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'expected the name of a namespace')
          .default(probe.namespace)
          .describe('Where canary pods run.'),
        image: z.string().default(probe.image).describe('Image of the canary pods.'),
        resources: z
          .strictObject({ cpu: quantity.default(probe.resources.cpu), memory: quantity.default(probe.resources.memory) })
          .prefault({})
          .describe('Resource requests and limits of a canary.'),
        podsPerPool: z.int().min(1).max(100).default(probe.podsPerPool),
        renewAfterDays: z.int().min(1).max(3_650).default(probe.renewAfterDays),
        includeSystemNamespaces: z.boolean().default(probe.includeSystemNamespaces),
        clusters: globs.default([...probe.clusters]).describe('Globs over the names of clusters whose pods may be probed.'),
      })
      .prefault({}),
    rules: z
      .record(z.string(), z.enum([...SEVERITIES, 'off', 'on']))
      .default({})
      .describe('Severity of a rule, or off, or on for an opt-in rule.'),
    dueDays: z
      .strictObject({
        critical: days.exactOptional(),
        high: days.exactOptional(),
        medium: days.exactOptional(),
        low: days.exactOptional(),
        info: days.exactOptional(),
      })
      .default({ ...dueDays })
      .describe('Days to fix a finding, by severity; a severity that is omitted has no due date.'),
    owners: z
      .strictObject({
        labels: z
          .array(labelKey)
          .default([...owners.labels])
          .describe('Labels of a workload or its namespace.'),
        tags: z
          .array(labelKey)
          .default([...owners.tags])
          .describe('Tags of a cluster.'),
      })
      .prefault({})
      .describe('Where the owner of a finding is read from: the first label that exists, otherwise the first tag.'),
    exemptions: z.array(exemption).default([]).describe('Failures that are accepted, each with an end date.'),
    notifications: z
      .strictObject({
        targets: z.array(target).default([]).describe('Who is notified when findings open, reopen and resolve.'),
        allowPrivateAddresses: z
          .boolean()
          .default(false)
          .describe('Whether targets on this machine and in private networks may be reached.'),
      })
      .prefault({})
      .describe('Notifications of changes, in addition to the webhook of the settings.'),
    retention: z
      .strictObject({ historyDays: days.default(retention.historyDays), resolvedDays: days.default(retention.resolvedDays) })
      .prefault({}),
    staleAfterAudits: z.int().min(1).max(1_000).default(DEFAULT_POLICY.staleAfterAudits),
  })
  .describe('The policy that Kataudit judges by.');

/** The JSON Schema of the policy file, for editors: `docs/policy.schema.json`. */
export function policyJsonSchema(): Record<string, unknown> {
  return { title: 'Kataudit policy', ...z.toJSONSchema(PolicyFile, { io: 'input' }) };
}
