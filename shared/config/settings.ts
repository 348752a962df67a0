import { z } from 'zod';
import { SEVERITIES } from '../domain/policy/severity.ts';
import { parseNcrontab } from '../domain/schedule/ncrontab.ts';
import { isSubscriptionId } from '../domain/snapshot/resource-id.ts';
import { address, connectionString, origin } from './address.ts';

const list = z
  .string()
  .default('')
  .transform((text) => text.split(/[\s,;]+/).filter((entry) => entry !== ''));

const subscriptions = list.refine((ids) => ids.every(isSubscriptionId), {
  error: ({ input }) =>
    `expected subscription ids (GUIDs) separated by commas, got ${quote(Array.isArray(input) ? input.find((id) => !isSubscriptionId(String(id))) : input)}`,
});

const schedule = z
  .string()
  .default('0 0 */6 * * *')
  .refine((text) => parseNcrontab(text)?.next(new Date(0)) !== undefined, {
    error: ({ input }) =>
      `expected an NCRONTAB of six fields that the Functions host accepts, seconds first, for example "0 0 */6 * * *" for every six hours (no L, W, ?, #, and no 7 for Sunday: such a timer never runs), got ${quote(input)}`,
  });

/** One valid key, and a second one during a rotation. */
const MAX_KEYS = 2;

const keyDigests = list
  .transform((digests) => digests.map((digest) => digest.toLowerCase()))
  .refine((digests) => digests.length <= MAX_KEYS && digests.every((digest) => /^[0-9a-f]{64}$/.test(digest)), {
    error: `expected at most ${MAX_KEYS} SHA-256 digests of keys, 64 hexadecimal digits each, separated by a comma (a key itself is never a setting)`,
  });

function whole(what: string, max: number, fallback: number) {
  return z
    .string()
    .default(String(fallback))
    .refine((text) => /^\d+$/.test(text) && Number(text) <= max, {
      error: ({ input }) => `expected whole ${what}, 0 to ${max}, got ${quote(input)}`,
    })
    .transform(Number);
}

/** Larger estates use the totals: each cluster has up to 50 series. */
const MAX_CLUSTER_METRICS = 5_000;

function publishing() {
  return z.enum(['off', 'on', 'withdraw'], { error: ({ input }) => `expected off, on or withdraw, got ${quote(input)}` }).default('off');
}

/** Source: learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules (policyAssignments). */
const POLICY_ASSIGNMENT = /^(?:\/(?:[-\w.()]+\/)+providers\/Microsoft\.Authorization\/policyAssignments\/)?[-\w.() ]{0,63}[-\w()]$/i;

const schema = z.object({
  KATAUDIT_SUBSCRIPTIONS: subscriptions.describe('Subscriptions to audit: GUIDs separated by commas.'),
  KATAUDIT_MANAGEMENT_GROUPS: list.describe('Management groups whose subscriptions are audited, separated by commas.'),
  KATAUDIT_SCHEDULE: schedule.describe('When an audit starts: NCRONTAB with seconds, UTC.'),
  KATAUDIT_POLICY: z
    .string()
    .default('policy/policy.yaml')
    .describe('The policy: a file path, or a blob as `container/name` in the app storage account.'),
  KATAUDIT_ARM_ENDPOINT: address()
    .default('https://management.azure.com')
    .describe('Azure Resource Manager, for sovereign clouds and tests.'),
  KATAUDIT_ACCESS_TOKEN: z.string().min(1).optional().describe('A ready bearer token used instead of an Azure credential. Secret.'),
  KATAUDIT_SETTLE_SECONDS: whole('seconds', 600, 15).describe(
    'How long a burst of events on one cluster settles before its scan, in seconds.',
  ),
  KATAUDIT_VULNERABILITIES: z
    .enum(['off', 'on'], { error: ({ input }) => `expected off or on, got ${quote(input)}` })
    .default('off')
    .describe("Whether AKS's public vulnerability data is queried for outdated images."),
  KATAUDIT_DEFENDER: publishing().describe(
    'Whether findings are written to Microsoft Defender for Cloud as custom assessments; `withdraw` deletes them again.',
  ),
  KATAUDIT_ATTESTATIONS: publishing().describe(
    'Whether the compliance of each cluster is attested to Azure Policy, with sealed bundles as evidence; `withdraw` deletes the attestations again.',
  ),
  KATAUDIT_POLICY_ASSIGNMENT: z
    .string()
    .regex(POLICY_ASSIGNMENT, 'expected the name of a policy assignment, or its ARM id')
    .optional()
    .describe(
      'The assignment of the manual policy for which clusters are attested: its name in each subscription, or the ARM id of one at a higher scope.',
    ),
  KATAUDIT_PROBE: z
    .enum(['off', 'exec', 'canary'], { error: ({ input }) => `expected off, exec or canary, got ${quote(input)}` })
    .default('off')
    .describe('Whether and how the isolation probe runs: `off`, `exec` or `canary`.'),
  KATAUDIT_PROBE_CLIENT_ID: z
    .string()
    .min(1)
    .optional()
    .describe('Client id of the user-assigned identity that the probe uses for API servers; default: the identity of the app.'),
  KATAUDIT_GZIP: z
    .enum(['auto', 'on', 'off'], { error: ({ input }) => `expected auto, on or off, got ${quote(input)}` })
    .default('auto')
    .describe(
      'Whether API servers may compress what they send: it triples the CPU time that a list costs them, and saves time only on slow connections. `auto`: only where the first byte takes longer than 5 ms.',
    ),
  KATAUDIT_JITTER_SECONDS: whole('seconds', 3600, 60).describe('Number of seconds over which the scans of one audit are spread.'),
  KATAUDIT_CLUSTER_METRICS: whole('clusters', MAX_CLUSTER_METRICS, 0).describe(
    'Maximum number of clusters with Prometheus metrics of their own, in addition to the totals; 0: none.',
  ),
  KATAUDIT_SIGNING_KEY: z
    .string()
    .min(1)
    .optional()
    .describe('The key that signs evidence bundles: the URL of a P-256 key in Azure Key Vault, or the path of an Ed25519 key file.'),
  KATAUDIT_NOTIFY_URL: address({ secret: true })
    .optional()
    .describe('A webhook that receives notifications when findings open, reopen and resolve; without one, none are sent. Secret.'),
  KATAUDIT_NOTIFY_FORMAT: z
    .enum(['cloudevents', 'slack', 'teams'], { error: ({ input }) => `expected cloudevents, slack or teams, got ${quote(input)}` })
    .default('cloudevents')
    .describe('Format of the notifications: a batch of CloudEvents, a Slack message, or a card for a Teams workflow.'),
  KATAUDIT_NOTIFY_SEVERITY: z
    .enum(SEVERITIES, { error: ({ input }) => `expected one of ${SEVERITIES.join(', ')}, got ${quote(input)}` })
    .default('high')
    .describe('Only findings at least this severe are sent to the webhook.'),
  KATAUDIT_NOTIFY_SECRET: z
    .string()
    .min(1)
    .optional()
    .describe('Signs notifications to the webhook, by the Standard Webhooks specification. Secret.'),
  KATAUDIT_SIGN_IN: z
    .enum(['off', 'required', 'or-key'], { error: ({ input }) => `expected off, required or or-key, got ${quote(input)}` })
    .default('off')
    .describe(
      'Who may use the API: `off`: only keys; `required`: only a sign-in with Entra ID; `or-key`: either. Values other than `off` need App Service authentication.',
    ),
  KATAUDIT_READER_KEYS: keyDigests.describe('SHA-256 digests of the keys that may read, at most two, separated by a comma.'),
  KATAUDIT_OPERATOR_KEYS: keyDigests.describe('SHA-256 digests of the keys that may read and write, at most two, separated by a comma.'),
  KATAUDIT_PUBLIC_URL: origin.optional().describe('The public URL of the app, for links; by default `https://` and `WEBSITE_HOSTNAME`.'),
  WEBSITE_HOSTNAME: z
    .string()
    .regex(/^[A-Za-z0-9.:-]+$/, 'expected a host name')
    .optional()
    .describe('The host name of the app, set by Azure.'),
  WEBSITE_AUTH_ENABLED: z
    .string()
    .optional()
    .describe('Set by Azure: whether App Service authentication is on. When it is `False`, no request counts as signed in.'),
  AzureWebJobsStorage: connectionString(['AccountName', 'SharedAccessSignature', 'UseDevelopmentStorage'])
    .optional()
    .describe('Connection string of the app storage account (local mode). Secret.'),
  AzureWebJobsStorage__accountName: z.string().min(1).optional().describe('Name of the app storage account, reached by identity.'),
  AzureWebJobsStorage__blobServiceUri: address()
    .optional()
    .describe('Blob endpoint of the app storage account, instead of its name in clouds other than the public one.'),
  AZURE_CLIENT_ID: z.string().min(1).optional().describe('Client id of the user-assigned identity.'),
  APPLICATIONINSIGHTS_CONNECTION_STRING: connectionString([])
    .optional()
    .describe('Application Insights that receives spans and metrics of audits, and the telemetry of the Functions host.'),
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: z
    .string()
    .min(1)
    .optional()
    .describe('Set if Application Insights accepts telemetry only from an identity, as `ClientId=…;Authorization=AAD`.'),
  OTEL_EXPORTER_OTLP_ENDPOINT: address()
    .optional()
    .describe('An OpenTelemetry endpoint for the same data, as protobuf over HTTP; in addition to Application Insights or instead of it.'),
  OTEL_EXPORTER_OTLP_PROTOCOL: z
    .literal('http/protobuf', { error: ({ input }) => `expected http/protobuf, which the host and the app both send, got ${quote(input)}` })
    .optional()
    .describe('Must be `http/protobuf` in Azure when an endpoint is set: otherwise the Functions host sends gRPC.'),
  OTEL_EXPORTER_OTLP_HEADERS: z.string().min(1).optional().describe('Headers for that endpoint, as `name=value,name=value`. Secret.'),
});

/** Every setting of the app, checked. */
export type Settings = z.output<typeof schema> & {
  /** Addresses and secrets of the policy's notification targets, by the name of their setting. */
  readonly targets?: Readonly<Record<string, string | undefined>>;
};

/** Every mistake in the settings; each names the setting and what was expected. */
export class SettingsError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The settings cannot be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'SettingsError';
    this.problems = problems;
  }
}

/** Every setting's name and what it is for, for the documentation. */
export const SETTINGS: readonly { readonly name: string; readonly description: string }[] = Object.entries(schema.shape).map(
  ([name, field]) => ({ name, description: field.description ?? '' }),
);

/** The settings that decide who may do what; they are parsed even when other settings are wrong. */
const accessSchema = schema.pick({
  KATAUDIT_SIGN_IN: true,
  KATAUDIT_READER_KEYS: true,
  KATAUDIT_OPERATOR_KEYS: true,
  KATAUDIT_PUBLIC_URL: true,
  WEBSITE_HOSTNAME: true,
  WEBSITE_AUTH_ENABLED: true,
});
export type AccessSettings = z.output<typeof accessSchema>;

/** Parses the settings that decide who may do what; throws one `SettingsError` that lists everything wrong with them. */
export function loadAccess(environment: Readonly<Record<string, string | undefined>>): AccessSettings {
  const { given, unresolved } = givenOf(environment);
  const parsed = accessSchema.safeParse(given);
  const wrong = [
    ...unresolved.filter((name) => Object.hasOwn(accessSchema.shape, name)).map(unresolvedProblem),
    ...problemsOf(parsed.error),
  ];
  if (!parsed.success || wrong.length > 0) throw new SettingsError(wrong);
  return parsed.data;
}

/** The settings of how API servers are read; a scan by kubeconfig uses them too. */
const readingSchema = schema.pick({ KATAUDIT_GZIP: true });

/** Parses the settings of how API servers are read; throws one `SettingsError` that lists everything wrong with them. */
export function loadReading(environment: Readonly<Record<string, string | undefined>>): z.output<typeof readingSchema> {
  const parsed = readingSchema.safeParse(givenOf(environment).given);
  if (!parsed.success) throw new SettingsError(problemsOf(parsed.error));
  return parsed.data;
}

/** The public address of the app without a trailing slash; `undefined` when no setting gives one. */
export function publicUrl({
  KATAUDIT_PUBLIC_URL,
  WEBSITE_HOSTNAME,
}: Pick<AccessSettings, 'KATAUDIT_PUBLIC_URL' | 'WEBSITE_HOSTNAME'>): string | undefined {
  if (KATAUDIT_PUBLIC_URL !== undefined) return new URL(KATAUDIT_PUBLIC_URL).origin;
  return WEBSITE_HOSTNAME === undefined ? undefined : `https://${WEBSITE_HOSTNAME}`;
}

/** Variables by which the command line finds a running app; the app accepts and ignores them. */
const CLIENT_VARIABLES: ReadonlySet<string> = new Set(['KATAUDIT_URL', 'KATAUDIT_KEY', 'KATAUDIT_AUDIENCE']);

/** Parses an environment; throws one `SettingsError` that lists everything wrong, unknown `KATAUDIT_` names included. */
export function load(environment: Readonly<Record<string, string | undefined>>): Settings {
  const unknown = Object.keys(environment)
    .filter(
      (name) => name.startsWith('KATAUDIT_') && !Object.hasOwn(schema.shape, name) && !CLIENT_VARIABLES.has(name) && !TARGET.test(name),
    )
    .map((name) => `${name} is not a setting; the settings are ${SETTINGS.map((setting) => setting.name).join(', ')}`);
  const { given, unresolved } = givenOf(environment);
  const parsed = schema.safeParse(given);
  const wrong = [...unknown, ...unresolved.map(unresolvedProblem), ...problemsOf(parsed.error)];
  if (!parsed.success || wrong.length > 0) throw new SettingsError(wrong);
  const targets = Object.fromEntries(Object.entries(given).filter(([name, value]) => TARGET.test(name) && !REFERENCE.test(value)));
  return { ...parsed.data, ...(Object.keys(targets).length === 0 ? {} : { targets }) };
}

/** The settings of notification targets, whose names the policy gives. A reference that Azure could not resolve disables only its target. */
const TARGET = /^KATAUDIT_TARGET_[A-Z0-9_]+$/;

/** A reference to Key Vault that Azure could not resolve stays in the setting as it was written: app-service-key-vault-references. */
const REFERENCE = /^@Microsoft\.KeyVault\(/i;

/** An empty value counts as absent, because templates and shells cannot omit a setting. An unresolved reference is not checked as a value. */
function givenOf(environment: Readonly<Record<string, string | undefined>>) {
  const set = Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '');
  const isUnresolved = ([name, value]: readonly [string, string]) => Object.hasOwn(schema.shape, name) && REFERENCE.test(value);
  return {
    given: Object.fromEntries(set.filter((entry) => !isUnresolved(entry))),
    unresolved: set.filter(isUnresolved).map(([name]) => name),
  };
}

function unresolvedProblem(name: string): string {
  return `${name}: Azure could not resolve its Key Vault reference. Check that the vault is the one in KATAUDIT_REFERENCED_VAULT_ID, that it contains the secret and that the app may read it; then restart the app`;
}

function problemsOf(error: z.ZodError | undefined): readonly string[] {
  return (error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`);
}

function quote(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing';
}
