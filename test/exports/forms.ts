import { z } from 'zod';

/** The project's own schemas of the formats, for use without the official ones: exactly these members. */

const text = z.string().min(1);
const milliseconds = z.int().min(Date.UTC(2020)).max(Date.UTC(2100));
const pair = <A extends number, B extends string>(id: A, name: B) => [z.literal(id), z.literal(name)] as const;
const [createId, createName] = pair(1, 'Create');
const [updateId, updateName] = pair(2, 'Update');
const [closeId, closeName] = pair(3, 'Close');

const ocsfCommon = {
  category_uid: z.literal(2),
  category_name: z.literal('Findings'),
  class_uid: z.literal(2003),
  class_name: z.literal('Compliance Finding'),
  time: milliseconds,
  severity_id: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5)]),
  severity: z.enum(['info', 'low', 'medium', 'high', 'critical']),
  status_id: z.union([z.literal(1), z.literal(3), z.literal(4), z.literal(6)]).optional(),
  status: z.enum(['New', 'Suppressed', 'Resolved', 'Deleted']).optional(),
  message: z.string().optional(),
  metadata: z.strictObject({
    version: z.literal('1.8.0'),
    product: z.strictObject({ name: z.literal('Kataudit'), vendor_name: text, version: text }),
    profiles: z.tuple([z.literal('cloud')]).optional(),
  }),
  cloud: z
    .strictObject({
      provider: z.literal('Azure'),
      account: z.strictObject({ uid: z.guid(), type_id: z.literal(13), type: z.literal('Azure Subscription') }),
    })
    .optional(),
  finding_info: z.strictObject({
    uid: text,
    title: text,
    desc: z.string().optional(),
    first_seen_time: milliseconds.optional(),
    last_seen_time: milliseconds.optional(),
    created_time: milliseconds.optional(),
    modified_time: milliseconds.optional(),
  }),
  compliance: z.strictObject({
    status_id: z.union([z.literal(0), z.literal(1), z.literal(3)]),
    status: z.enum(['Unknown', 'Pass', 'Fail']),
    control: text,
    standards: z.array(text).min(1),
    desc: z.string().optional(),
    requirements: z.array(text).optional(),
    status_details: z.array(z.string()).min(1),
  }),
  resources: z.array(z.strictObject({ uid: text, name: text, type: text, namespace: z.string().optional() })).length(1),
  remediation: z.strictObject({ desc: text, references: z.array(z.url()).optional() }).optional(),
  unmapped: z.record(z.string(), z.unknown()),
};

/** One OCSF event, class 2003; the type follows from the activity. */
export const OcsfEvent = z.discriminatedUnion('activity_id', [
  z.strictObject({ ...ocsfCommon, activity_id: createId, activity_name: createName, type_uid: z.literal(200301), type_name: text }),
  z.strictObject({ ...ocsfCommon, activity_id: updateId, activity_name: updateName, type_uid: z.literal(200302), type_name: text }),
  z.strictObject({ ...ocsfCommon, activity_id: closeId, activity_name: closeName, type_uid: z.literal(200303), type_name: text }),
]);

const level = z.enum(['error', 'warning', 'note']);
const message = z.strictObject({ text });

/** A SARIF log that GitHub accepts. */
export const SarifLog = z.strictObject({
  $schema: z.url(),
  version: z.literal('2.1.0'),
  runs: z
    .array(
      z.strictObject({
        tool: z.strictObject({
          driver: z.strictObject({
            name: z.literal('Kataudit'),
            version: text,
            rules: z
              .array(
                z.strictObject({
                  id: text,
                  shortDescription: message,
                  fullDescription: message,
                  help: message,
                  helpUri: z.url().optional(),
                  defaultConfiguration: z.strictObject({ level }),
                  properties: z.strictObject({ tags: z.array(text).max(20), 'security-severity': z.string().regex(/^(?:10|\d)\.\d$/) }),
                }),
              )
              .max(25_000),
          }),
        }),
        automationDetails: z.strictObject({ id: text }),
        columnKind: z.literal('utf16CodeUnits'),
        invocations: z
          .array(
            z.strictObject({
              endTimeUtc: z.iso.datetime(),
              executionSuccessful: z.boolean(),
              toolExecutionNotifications: z.array(
                z.strictObject({ level: z.enum(['error', 'warning']), message, descriptor: z.strictObject({ id: text }) }),
              ),
            }),
          )
          .length(1)
          .optional(),
        results: z
          .array(
            z.strictObject({
              ruleId: text,
              ruleIndex: z.int().min(0).optional(),
              kind: z.literal('fail'),
              level,
              message,
              locations: z
                .array(
                  z.strictObject({
                    physicalLocation: z.strictObject({
                      artifactLocation: z.strictObject({ uri: text }),
                      region: z.strictObject({ startLine: z.literal(1) }),
                    }),
                    logicalLocations: z
                      .array(z.strictObject({ name: text, fullyQualifiedName: text, kind: z.literal('resource') }))
                      .length(1),
                  }),
                )
                .length(1),
              partialFingerprints: z.strictObject({ 'kataudit/v1': text }),
              baselineState: z.enum(['new', 'unchanged', 'absent']),
              suppressions: z
                .array(z.strictObject({ kind: z.literal('external'), status: z.literal('accepted'), justification: text }))
                .max(1),
              properties: z.strictObject({
                severity: text,
                firstSeenAt: z.iso.datetime(),
                lastSeenAt: z.iso.datetime(),
                coverage: text,
                remediation: z.string(),
                commands: z.array(z.strictObject({ run: text, deletes: z.boolean(), context: text.optional() })),
                stale: z.literal(true).optional(),
              }),
            }),
          )
          .max(25_000),
      }),
    )
    .min(1),
});

const count = z.int().min(0).max(1_000);
const name = z.string().regex(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/);

/** An OpenReports report that the API server accepts. */
export const OpenReport = z
  .strictObject({
    apiVersion: z.literal('openreports.io/v1alpha1'),
    kind: z.enum(['Report', 'ClusterReport']),
    metadata: z.strictObject({
      name,
      namespace: name.optional(),
      labels: z.record(z.string(), z.string().regex(/^[\w.-]{0,63}$/)),
      annotations: z.record(z.string(), z.string()),
    }),
    source: z.literal('kataudit'),
    summary: z.strictObject({ pass: count, fail: count, warn: count, error: count, skip: count }),
    results: z
      .array(
        z.strictObject({
          source: z.literal('kataudit'),
          policy: z.literal('kataudit'),
          rule: text,
          category: text,
          scored: z.literal(true),
          result: z.enum(['pass', 'fail', 'error', 'skip']),
          severity: z.enum(['critical', 'high', 'medium', 'low', 'info']).optional(),
          timestamp: z.strictObject({ seconds: z.int(), nanos: z.int().min(0).max(999_999_999) }),
          message: z.string().optional(),
          resources: z
            .array(z.strictObject({ apiVersion: z.string().optional(), kind: text, namespace: z.string().optional(), name: text }))
            .max(1)
            .optional(),
          properties: z.record(z.string(), z.string()),
        }),
      )
      .min(1)
      .max(1_000),
  })
  .refine(({ kind, metadata }) => (kind === 'Report') === (metadata.namespace !== undefined), 'only a Report has a namespace')
  .refine(
    ({ summary, results }) =>
      Object.entries(summary).every(([kind, sum]) => sum === results.filter(({ result }) => result === kind).length),
    'the summary does not count the results',
  );
