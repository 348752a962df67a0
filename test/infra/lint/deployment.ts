import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import type { BicepFile } from './bicep.ts';
import { declarationsOf } from './declarations.ts';
import { parseTree, type Texts } from './tree.ts';
import { bodyOf, properties, property, stringOf, stringsOf } from './values.ts';

const permissions = z.object({ actions: z.array(z.string()), dataActions: z.array(z.string()) });
const parameters = z.object({ parameters: z.record(z.string(), z.object({ value: z.string() })) });
const service = z.object({ project: z.string(), host: z.string(), dist: z.string(), remoteBuild: z.boolean() });
const hook = z.object({ posix: z.object({ run: z.string() }), windows: z.object({ run: z.string() }) });
const azd = z.object({ services: z.record(z.string(), service), hooks: z.record(z.string(), hook) });
const rule = z.object({ apiGroups: z.array(z.string()), resources: z.array(z.string()), verbs: z.array(z.string()) });
const manifest = z.object({ kind: z.string(), rules: z.array(rule).optional() });

/** What a Kubernetes role lets do, as the API server names it. */
export type KubernetesRule = z.output<typeof rule>;

/** What the texts of `infra/`, with `azure.yaml`, deploy, as far as the code must agree with it. */
export interface Deployment {
  /** Name and plain value of each app setting; `undefined` for one that is computed. */
  readonly appSettings: ReadonlyMap<string, string | undefined>;
  readonly queues: readonly string[];
  readonly tables: readonly string[];
  readonly containers: readonly string[];
  /** Name and default of each parameter of `main.bicep`; `undefined` when it has none, or none that is plain. */
  readonly parameters: ReadonlyMap<string, { readonly optional: boolean; readonly default: string | undefined }>;
  readonly eventParameters: readonly string[];
  readonly outputs: readonly string[];
  readonly parameterFile: Readonly<Record<string, { readonly value: string }>>;
  readonly eventTypes: readonly string[];
  readonly operations: readonly string[];
  readonly functionTags: readonly string[];
  readonly alerts: readonly { readonly name: string; readonly query: string }[];
  readonly appRoles: readonly string[];
  readonly roles: Readonly<Record<string, z.output<typeof permissions>>>;
  readonly kubernetesRules: ReadonlyMap<string, readonly KubernetesRule[]>;
  readonly azd: z.output<typeof azd>;
}

/** Reads a deployment; throws when a part of it has not the shape that the checks rely on. */
export async function readDeployment(texts: Texts): Promise<Deployment> {
  const tree = await parseTree(texts);
  const file = (path: string): BicepFile => need(tree.get(path), path);
  const text = (path: string): string => need(texts.get(path), path);
  const app = file('app/function-app.bicep');
  const storage = file('app/storage.bicep');
  const events = [file('events/subscription-events.bicep'), file('events/cluster-events.bicep')];
  return {
    appSettings: new Map(
      ['platformSettings', 'namedStorage', 'addressedStorage', 'ownSettings', 'signInSettings', 'signingSettings'].flatMap((name) =>
        properties(variable(app, name)).map(([key, value]) => [key, stringOf(value)] as const),
      ),
    ),
    queues: stringsOf(variable(storage, 'queueNames')),
    tables: stringsOf(variable(storage, 'tableNames')),
    containers: stringsOf(variable(storage, 'containerNames')),
    parameters: new Map(
      declarationsOf(file('main.bicep'))
        .filter(({ kind }) => kind === 'param')
        .map(({ name, value }) => [name, { optional: value !== undefined, default: stringOf(value) ?? value?.text }]),
    ),
    eventParameters: declarationsOf(file('events.bicep')).flatMap(({ kind, name }) => (kind === 'param' ? [name] : [])),
    outputs: declarationsOf(file('main.bicep')).flatMap(({ kind, name }) => (kind === 'output' ? [name] : [])),
    parameterFile: parameters.parse(JSON.parse(text('main.parameters.json'))).parameters,
    eventTypes: events.flatMap((part) => stringsOf(property(filterOf(part), 'includedEventTypes'))),
    operations: events.flatMap((part) => stringLists(property(filterOf(part), 'advancedFilters'), 'values')),
    functionTags: [...text('app/function-app.bicep').matchAll(/'azd-service-name': '([^']+)'/g)].map(([, name = '']) => name),
    alerts: namedChildrenOf(variable(file('app/alerts.bicep'), 'rules')).map((alert) => ({
      name: stringOf(property(alert, 'name')) ?? '',
      query: property(alert, 'query')?.text ?? '',
    })),
    appRoles: namedChildrenOf(property(resourceOf(file('app/application.bicep'), 'Microsoft.Graph/applications@'), 'appRoles')).map(
      (role) => stringOf(property(role, 'value')) ?? '',
    ),
    roles: z.record(z.string(), permissions).parse(JSON.parse(text('roles/permissions.json'))),
    kubernetesRules: new Map([...texts].filter(([path]) => path.startsWith('kubernetes/')).map(([path, yaml]) => [path, rulesOf(yaml)])),
    azd: azd.parse(parse(text('azure.yaml'))),
  };
}

function need<T>(value: T | undefined, path: string): T {
  if (value === undefined) throw new Error(`${path} is not there`);
  return value;
}

function variable(file: BicepFile, name: string) {
  return declarationsOf(file).find((declaration) => declaration.kind === 'var' && declaration.name === name)?.value;
}

function filterOf(file: BicepFile) {
  return property(property(resourceOf(file, 'Microsoft.EventGrid/systemTopics/eventSubscriptions@'), 'properties'), 'filter');
}

/** The body of the first resource of a type. */
function resourceOf(file: BicepFile, type: string) {
  const found = declarationsOf(file).find(({ reference }) => reference?.startsWith(type));
  return found === undefined ? undefined : bodyOf(found.node);
}

function namedChildrenOf(array: ReturnType<typeof variable>) {
  return array?.namedChildren.filter(({ type }) => type === 'object') ?? [];
}

function stringLists(array: ReturnType<typeof variable>, key: string): readonly string[] {
  return namedChildrenOf(array).flatMap((object) => stringsOf(property(object, key)));
}

function rulesOf(yaml: string): readonly KubernetesRule[] {
  return parseAllDocuments(yaml).flatMap((document) => manifest.parse(document.toJS()).rules ?? []);
}
