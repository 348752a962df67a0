import { z } from 'zod';
import { RESOLUTIONS } from '../../domain/findings/finding.ts';
import { EXEMPTION_FIELDS } from '../../domain/policy/exemption-schema.ts';
import { SEVERITIES } from '../../domain/policy/severity.ts';
import { VERDICTS } from '../../domain/rule/rule.ts';

const components = z.registry<{ id: string }>();

/** Registers a schema as a component of the OpenAPI document. */
export function component<T extends z.ZodType>(id: string, schema: T): T {
  components.add(schema, { id });
  return schema;
}

/** Every component as JSON Schema 2020-12, references between them resolved below `#/components/schemas/`. */
export function componentSchemas(): Record<string, unknown> {
  const { schemas } = z.toJSONSchema(components, { uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(Object.entries(schemas).map(([id, { $schema: _schema, $id: _id, ...schema }]) => [id, schema]));
}

/** A time, RFC 3339 in UTC. */
export const instant = z.string().meta({ format: 'date-time' });
/** How bad a failure is, worst first. */
export const severity = z.enum(SEVERITIES);
/** What a rule says of a subject. */
export const verdict = z.enum(VERDICTS);
/** A count of things. */
export const count = z.int().min(0);

/** Why something could not be looked at. */
export const Reason = component('Reason', z.object({ code: z.string(), message: z.string() }));

/** How much of what there was to see was seen. */
export const Coverage = component(
  'Coverage',
  z.union([
    z.object({ kind: z.literal('full') }),
    z.object({
      kind: z.literal('sample'),
      sampledNodes: count,
      totalNodes: count,
      sampledPods: count,
      totalPods: count.exactOptional(),
      upperBound: z.number().min(0).max(1),
      confidence: z.number(),
      seed: z.string(),
    }),
    z.object({ kind: z.literal('truncated'), message: z.string() }),
  ]),
);

/** What a verdict is about. */
export const Subject = component(
  'Subject',
  z.union([
    z.object({ kind: z.literal('cluster') }),
    z.object({ kind: z.enum(['node-pool', 'node', 'runtime-class']), name: z.string() }),
    z.object({
      kind: z.literal('workload'),
      namespace: z.string(),
      ownerKind: z.string(),
      ownerName: z.string(),
      ownerGroup: z.string().exactOptional().describe("The API group of the owner, where it is not Kubernetes' own."),
    }),
  ]),
);

/** An accepted failure, with an end. */
export const Exemption = component('Exemption', z.object({ id: z.string(), ...EXEMPTION_FIELDS, expiresOn: instant }));

const command = z.object({
  run: z.string().describe('One line for a POSIX shell or PowerShell.'),
  deletes: z.boolean().describe('Whether it deletes something.'),
  context: z.string().exactOptional().describe('The context of the kubeconfig that it names.'),
});

const finding = z.object({
  id: z.string(),
  ruleId: z.string(),
  clusterId: z.string(),
  clusterName: z.string(),
  subscriptionId: z.string(),
  subject: Subject,
  severity,
  status: z.enum(['open', 'resolved']),
  message: z.string(),
  remediation: z.string().describe('What to do, in sentences.'),
  commands: z
    .array(command)
    .exactOptional()
    .describe('The commands that do it, in their order; absent in findings that version 0.1.0 stored.'),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])),
  coverage: Coverage,
  firstSeenAt: instant,
  lastSeenAt: instant,
  resolvedAt: instant.exactOptional(),
  resolution: z.enum(RESOLUTIONS).exactOptional(),
  reopenCount: count,
  observedAt: instant,
  changedAt: instant.exactOptional().describe('When it last opened, changed or closed.'),
  owner: z.string().exactOptional().describe('Who must fix it, by the labels and tags that the policy names.'),
  dueOn: z.iso.date().exactOptional().describe('The last day on which it may still be open, by the policy.'),
  overdue: z.boolean().exactOptional().describe('It is open past its due date.'),
  stale: z
    .boolean()
    .exactOptional()
    .describe('The newest scan could not judge this rule: the finding describes the state at `observedAt`.'),
  exemption: Exemption.exactOptional().describe('The live exemption that covers this finding.'),
});

/** One rule that one subject of one cluster fails, or failed. */
export const FindingView = component('Finding', finding);

/** One line of a finding's history. */
export const HistoryEntry = component(
  'HistoryEntry',
  z.object({
    findingId: z.string(),
    clusterId: z.string(),
    ruleId: z.string(),
    at: instant,
    kind: z.enum(['opened', 'reopened', 'changed', 'resolved']),
    cause: z.string(),
    severity,
    message: z.string(),
    resolution: z.enum(RESOLUTIONS).exactOptional(),
  }),
);

/** The components that a list may hold. */
export function listOf(id: string, item: z.ZodType): z.ZodType {
  const nextLink = z.string().exactOptional().describe('The next page; absent on the last one.');
  return component(`${id}List`, z.object({ value: z.array(item), nextLink }));
}

component(
  'FindingPage',
  z.object({
    value: z.array(FindingView),
    hidden: count.describe('Open findings that match the same filters and are left out because a live exemption covers them.'),
    count: count.exactOptional().describe('All findings that match the filters; only with `count=true`.'),
    countIsLowerBound: z.boolean().exactOptional().describe('There are more than can be counted in one answer.'),
    nextLink: z.string().exactOptional().describe('The next page; absent on the last one.'),
  }),
);
listOf('HistoryEntry', HistoryEntry);

const group = z.object({
  key: z.string().describe('The value; empty for findings that have none.'),
  label: z.string().describe('Display name: the name of a cluster.'),
  count,
  overdue: count,
  bySeverity: z.record(severity, count),
  clusters: count,
  oldest: instant.describe('When the oldest of them was first seen.'),
});
const complete = z.boolean().describe('False when there are more findings than one answer counts: then every count is a lower bound.');

component('FindingGroups', z.object({ value: z.array(group), count, hidden: count, complete }));

const facet = z.array(z.object({ value: z.string(), label: z.string(), count }));
component(
  'FindingFacets',
  z.object({
    severity: facet,
    rule: facet,
    cluster: facet,
    subscription: facet,
    namespace: facet,
    pool: facet,
    kind: facet,
    owner: facet,
    tag: facet,
    exempted: facet,
    overdue: facet,
    complete,
  }),
);

/** Problem details, RFC 9457. */
component(
  'Problem',
  z.object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    errors: z
      .array(z.object({ field: z.string().describe('A query parameter, or a JSON pointer into the body.'), detail: z.string() }))
      .exactOptional(),
  }),
);
