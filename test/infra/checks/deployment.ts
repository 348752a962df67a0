import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';

const resource = z.looseObject({
  type: z.string(),
  id: z.string().optional(),
  name: z.string().optional(),
  location: z.string().optional(),
  identity: z.looseObject({}).optional(),
  tags: z.record(z.string(), z.string()).optional(),
  properties: z.looseObject({}).optional(),
});
const snapshot = z.object({ predictedResources: z.array(resource), outputs: z.record(z.string(), z.unknown()) });
const permissions = z.object({ actions: z.array(z.string()), dataActions: z.array(z.string()) });
const parameter = z.looseObject({ type: z.string().optional(), defaultValue: z.unknown().optional() });
const parameters = z.object({ parameters: z.record(z.string(), z.object({ value: z.string() })) });
const line = z.object({ run: z.string(), shell: z.string() });
const hook = z.object({ posix: line, windows: line });
const service = z.object({
  project: z.string(),
  host: z.string(),
  dist: z.string(),
  remoteBuild: z.boolean(),
  hooks: z.record(z.string(), hook),
});
const azd = z.object({
  requiredVersions: z.object({ azd: z.string() }),
  services: z.record(z.string(), service),
  hooks: z.record(z.string(), hook),
});
const rule = z.object({ apiGroups: z.array(z.string()), resources: z.array(z.string()), verbs: z.array(z.string()) });
const manifest = z.object({ kind: z.string(), rules: z.array(rule).optional() });
const filter = z.object({
  includedEventTypes: z.array(z.string()),
  advancedFilters: z.array(z.object({ values: z.array(z.string()) })).optional(),
});
const alertRule = z.object({
  windowSize: z.string(),
  evaluationFrequency: z.string(),
  autoMitigate: z.boolean(),
  criteria: z.object({ allOf: z.tuple([z.object({ query: z.string() })]) }),
});

/** A resource as the compiler evaluates it. */
export type Resource = z.output<typeof resource>;
/** The permissions of a Kubernetes role, by the names of the API server. */
export type KubernetesRule = z.output<typeof rule>;
/** The files of a deployment, by path. */
export type Texts = ReadonlyMap<string, string>;

/** An alert of the deployment. */
export interface Alert {
  readonly name: string;
  readonly query: string;
  readonly window: string;
  readonly every: string;
}

/** The parts of the deployment that the code must agree with. */
export interface Deployment {
  /** The resources of each evaluated deployment, by its name. */
  readonly evaluated: ReadonlyMap<string, readonly Resource[]>;
  /** Name and value of each app setting by default; an expression where only Azure knows the value. */
  readonly appSettings: ReadonlyMap<string, string>;
  readonly queues: readonly string[];
  readonly tables: readonly string[];
  readonly containers: readonly string[];
  /** Name and default of each parameter of `main.bicep`; no default when it is required. */
  readonly parameters: ReadonlyMap<string, { readonly type: string; readonly default: unknown }>;
  readonly eventParameters: readonly string[];
  readonly outputs: readonly string[];
  readonly parameterFile: Readonly<Record<string, { readonly value: string }>>;
  readonly eventTypes: readonly string[];
  readonly operations: readonly string[];
  readonly functionTags: readonly string[];
  readonly alerts: readonly Alert[];
  readonly appRoles: readonly string[];
  readonly roles: Readonly<Record<string, z.output<typeof permissions>>>;
  readonly kubernetesRules: ReadonlyMap<string, readonly KubernetesRule[]>;
  readonly azd: z.output<typeof azd>;
}

/** Every file of a deployment, below a project's root. */
export function readTexts(root: string): Texts {
  const paths = ['azure.yaml', ...globSync('{infra/**/*.{json,yaml},test/infra/deployments/*.json}', { cwd: root })];
  return new Map(paths.map((path) => [path.replace(/^(?:infra|test\/infra)\//, ''), readFileSync(join(root, path), 'utf8')]));
}

/** Reads a deployment; throws when a part does not have the expected format. */
export function readDeployment(texts: Texts): Deployment {
  const evaluated = new Map(
    [...texts].flatMap(([path, text]) => {
      const name = /^deployments\/(.+)\.snapshot\.json$/.exec(path)?.[1];
      return name === undefined ? [] : [[name, snapshot.parse(JSON.parse(text)).predictedResources] as const];
    }),
  );
  const json = (path: string): unknown => JSON.parse(need(texts.get(path), path));
  const main = need(evaluated.get('main-defaults'), 'main-defaults');
  const taken = z.record(z.string(), z.record(z.string(), parameter)).parse(json('deployments/parameters.json'));
  const namesOf = (type: string) => ofType(main, type).map(({ name = '' }) => name.split('/').at(-1) ?? '');
  const events = need(evaluated.get('events-clusters'), 'events-clusters');
  const filters = ofType(events, 'Microsoft.EventGrid/systemTopics/eventSubscriptions').map(({ properties }) =>
    filter.parse(properties?.filter),
  );
  return {
    evaluated,
    appSettings: appSettingsOf(main),
    queues: namesOf('Microsoft.Storage/storageAccounts/queueServices/queues'),
    tables: namesOf('Microsoft.Storage/storageAccounts/tableServices/tables'),
    containers: namesOf('Microsoft.Storage/storageAccounts/blobServices/containers'),
    parameters: new Map(
      Object.entries(need(taken.main, 'main')).map(([name, { type = '', defaultValue }]) => [name, { type, default: defaultValue }]),
    ),
    eventParameters: Object.keys(need(taken.events, 'events')),
    outputs: Object.keys(snapshot.parse(json('deployments/main-defaults.snapshot.json')).outputs),
    parameterFile: parameters.parse(json('main.parameters.json')).parameters,
    eventTypes: [...new Set(filters.flatMap(({ includedEventTypes }) => includedEventTypes))],
    operations: [...new Set(filters.flatMap(({ advancedFilters = [] }) => advancedFilters.flatMap(({ values }) => values)))],
    functionTags: ofType(main, 'Microsoft.Web/sites').flatMap(({ tags = {} }) => tags['azd-service-name'] ?? []),
    alerts: alertsOf(main),
    appRoles: graphRoles(main),
    roles: z.record(z.string(), permissions).parse(json('roles/permissions.json')),
    kubernetesRules: new Map([...texts].filter(([path]) => path.startsWith('kubernetes/')).map(([path, yaml]) => [path, rulesOf(yaml)])),
    azd: azd.parse(parse(need(texts.get('azure.yaml'), 'azure.yaml'))),
  };
}

/** The resources of one type. */
export function ofType(resources: readonly Resource[], type: string): readonly Resource[] {
  return resources.filter((one) => one.type === type || one.type.startsWith(`${type}@`));
}

/** The app settings among resources. */
export function appSettingsOf(resources: readonly Resource[]): ReadonlyMap<string, string> {
  const settings = ofType(resources, 'Microsoft.Web/sites/config').find(({ name }) => name?.endsWith('/appsettings'));
  return new Map(Object.entries(z.record(z.string(), z.string()).parse(settings?.properties)));
}

/** The alerts among resources. */
export function alertsOf(resources: readonly Resource[]): readonly Alert[] {
  return ofType(resources, 'Microsoft.Insights/scheduledQueryRules').map(({ name = '', properties }) => {
    const { windowSize: window, evaluationFrequency: every, criteria } = alertRule.parse(properties);
    return { name: name.replace(/^.*kataudit-/, ''), query: criteria.allOf[0].query, window, every };
  });
}

function graphRoles(resources: readonly Resource[]): readonly string[] {
  const [registration] = ofType(resources, 'Microsoft.Graph/applications');
  return z
    .array(z.object({ value: z.string() }))
    .parse(registration?.properties?.appRoles)
    .map(({ value }) => value);
}

function need<T>(value: T | undefined, path: string): T {
  if (value === undefined) throw new Error(`${path} is not there`);
  return value;
}

function rulesOf(yaml: string): readonly KubernetesRule[] {
  return parseAllDocuments(yaml).flatMap((document) => manifest.parse(document.toJS()).rules ?? []);
}
