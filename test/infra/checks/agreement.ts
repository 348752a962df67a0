import { z } from 'zod';
import type { Code } from './code.ts';
import { appSettingsOf, type Deployment, ofType } from './deployment.ts';

/** Settings of the code that a deployment does not set, each with the reason. */
const LOCAL_SETTINGS: ReadonlyMap<string, string> = new Map([
  ['AzureWebJobsStorage', 'a connection string holds a key; a deployment uses the identity'],
  ['AzureWebJobsStorage__accountName', 'the addresses of the account are set, which hold in every cloud'],
  ['WEBSITE_HOSTNAME', 'the platform sets it'],
  ['WEBSITE_AUTH_ENABLED', 'the same'],
  ['KATAUDIT_ACCESS_TOKEN', 'a token in place of the identity, for continuous integration'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'a deployment sends its telemetry to Application Insights'],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'the same'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'the same, and it may hold a key'],
]);

/** Settings that the platform reads and the code does not. */
const PLATFORM_SETTINGS: readonly string[] = [
  'AzureWebJobsStorage__queueServiceUri',
  'AzureWebJobsStorage__tableServiceUri',
  'AzureWebJobsStorage__credential',
  'AzureWebJobsStorage__clientId',
  'languageWorkers__node__arguments',
  'MALLOC_ARENA_MAX',
  'OTEL_TRACES_SAMPLER',
  'OTEL_TRACES_SAMPLER_ARG',
  'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID',
];

/** Settings whose value only Azure knows, or whose default depends on where Kataudit is deployed. */
const OWN_DEFAULTS: readonly string[] = ['KATAUDIT_SUBSCRIPTIONS', 'KATAUDIT_ARM_ENDPOINT', 'KATAUDIT_SIGN_IN'];

/** Mismatches between the app settings and the settings that the code reads. */
export function settingProblems({ appSettings }: Deployment, code: Code): readonly string[] {
  const set = [...appSettings.keys()];
  return [
    ...missing(code.settings, [...set, ...LOCAL_SETTINGS.keys()]).map((name) => `the code reads ${name}, which is not set`),
    ...missing(set, [...code.settings, ...PLATFORM_SETTINGS]).map((name) => `${name} is set, which nothing reads`),
    ...set.filter((name) => LOCAL_SETTINGS.has(name)).map((name) => `${name} is set: ${LOCAL_SETTINGS.get(name)}`),
    ...missing(code.boundSettings, set).map((name) => `a binding needs ${name}, which is not set`),
    ...[...code.defaults]
      .filter(([name, value]) => appSettings.has(name) && !OWN_DEFAULTS.includes(name) && appSettings.get(name) !== value)
      .map(([name, value]) => `${name} is ${appSettings.get(name)} by default, and ${value} where it is not set`),
  ];
}

const authentication = z.looseObject({
  globalValidation: z.object({ requireAuthentication: z.boolean(), excludedPaths: z.array(z.string()) }).loose(),
});

/** Mismatches between the app's trust in the platform's header and the platform's sign-in. */
export function signInProblems({ evaluated }: Deployment): readonly string[] {
  return [...evaluated].flatMap(([deployment, resources]) => {
    if (ofType(resources, 'Microsoft.Web/sites').length === 0) return [];
    const signIn = appSettingsOf(resources).get('KATAUDIT_SIGN_IN');
    const guard = ofType(resources, 'Microsoft.Web/sites/config').find(({ name }) => name?.endsWith('/authsettingsV2'));
    const { requireAuthentication, excludedPaths = [] } = authentication.safeParse(guard?.properties).data?.globalValidation ?? {};
    return [
      ...((signIn === 'off') === (guard === undefined)
        ? []
        : [`${deployment}: KATAUDIT_SIGN_IN is ${signIn}, the platform does otherwise`]),
      ...(guard === undefined || requireAuthentication === (signIn === 'required')
        ? []
        : [`${deployment}: KATAUDIT_SIGN_IN is ${signIn}, and requireAuthentication ${requireAuthentication}`]),
      // Event Grid authenticates to its webhook with a key of the host.
      ...(guard === undefined || excludedPaths.some((path) => path.toLowerCase() === '/runtime/webhooks/eventgrid')
        ? []
        : [`${deployment}: sign-in stands before the webhook of Event Grid`]),
    ];
  });
}

/** Mismatches between queues and the code that reads and writes them. */
export function queueProblems({ queues }: Deployment, { workQueues, triggerQueues }: Code): readonly string[] {
  const wanted = workQueues.flatMap((queue) => [queue, `${queue}-poison`]);
  return [
    ...missing(wanted, queues).map((queue) => `the queue ${queue} is not made`),
    ...missing(queues, wanted).map((queue) => `the queue ${queue} is made and not used`),
    ...missing(wanted, triggerQueues).map((queue) => `no function reads the queue ${queue}`),
    ...missing(triggerQueues, wanted).map((queue) => `a function reads the queue ${queue}, which nothing writes`),
  ];
}

/** Containers that the platform writes: the package, and undeliverable events. */
const PLATFORM_CONTAINERS: readonly string[] = ['app-package', 'event-dead-letters'];

/** Mismatches between tables or containers and the code that uses them. */
export function storeProblems({ tables, containers }: Deployment, code: Code): readonly string[] {
  return [
    ...missing(code.tables, tables).map((table) => `the table ${table} is not made`),
    ...missing(tables, code.tables).map((table) => `the table ${table} is made and not used`),
    ...missing(code.containers, containers).map((container) => `the container ${container} is not made`),
    ...missing(containers, [...code.containers, ...PLATFORM_CONTAINERS]).map(
      (container) => `the container ${container} is made and not used`,
    ),
  ];
}

/** Mismatches between the subscribed events and those that the code understands. */
export function eventProblems({ eventTypes, operations }: Deployment, code: Code): readonly string[] {
  const asked = eventTypes.map((type) => type.toLowerCase());
  return [
    ...missing(asked, code.eventTypes).map((type) => `events ${type} are asked for and not understood`),
    ...missing(code.eventTypes, asked).map((type) => `events ${type} are understood and not asked for`),
    ...(operations.length > 25 ? [`an event subscription may filter by 25 values, not ${operations.length}`] : []),
    ...operations
      .filter((operation) => !/^Microsoft\.ContainerService\/managedClusters\/[A-Za-z/]+$/.test(operation))
      .map((operation) => `${operation} is not an operation on clusters`),
    ...missing(['cluster-changed'], code.functions).map((name) => `there is no function ${name} to deliver to`),
  ];
}

/** Mismatches between the parameter file and `main.bicep`, including different defaults. */
export function parameterProblems({ parameters, parameterFile }: Deployment): readonly string[] {
  const given = Object.keys(parameterFile);
  return [
    ...missing(given, [...parameters.keys()]).map((name) => `main.parameters.json gives ${name}, which main.bicep does not take`),
    // The next `azd provision` would undo a setting that can only be made by hand.
    ...missing([...parameters.keys()], given).map((name) => `main.bicep takes ${name}, which main.parameters.json does not give`),
    ...Object.entries(parameterFile).flatMap(([name, { value }]) => {
      const fallback = /^\$\{\w+=(.*)\}$/.exec(value)?.[1];
      const wanted = parameters.get(name)?.default;
      return fallback === undefined || fallback === String(wanted)
        ? []
        : [`the default of ${name} is ${fallback} for azd and ${String(wanted)} in main.bicep`];
    }),
  ];
}

/** Alerts that look for text that is never logged. */
export function alertProblems({ alerts }: Deployment, code: Code, guide: string): readonly string[] {
  return alerts.flatMap(({ name, query }) => [
    ...[...query.matchAll(/"([A-Z][a-z ]+:)/g)]
      .filter(([, words = '']) => !code.text.includes(words))
      .map(([, words]) => `the alert ${name} looks for ${JSON.stringify(words)}, which is never logged`),
    // The host writes requests of timers and queues only since its 1044 releases, and not reliably at a cold start.
    ...(/AppRequests/.test(query) ? [`the alert ${name} rests on what the host tells of itself`] : []),
    ...(guide.includes(`### \`${name}\``) ? [] : [`docs/operate.md does not say what the alert ${name} means`]),
  ]);
}

/** Mismatches between `azure.yaml`, its scripts and the tree. */
export function azdProblems(
  { azd, functionTags, outputs, eventParameters }: Deployment,
  { scripts, variables, given }: Scripts,
): readonly string[] {
  const services = Object.keys(azd.services);
  const hooks = [...Object.values(azd.hooks), ...Object.values(azd.services).flatMap(({ hooks: own }) => Object.values(own))];
  const runs = hooks.map(({ posix }) => /^npm run (?:--silent )?(\S+)$/.exec(posix.run)?.[1] ?? posix.run);
  return [
    ...missing(services, functionTags).map((name) => `no resource carries the tag azd-service-name: ${name}`),
    ...missing(functionTags, services).map((name) => `azure.yaml has no service ${name}`),
    ...hooks.filter(({ posix, windows }) => posix.run !== windows.run).map(({ posix }) => `${posix.run} is not what Windows runs`),
    ...missing(runs, scripts).map((name) => `the hook ${name} is no script of package.json`),
    ...missing(eventParameters, given).map((name) => `the hook does not give ${name} to events.bicep`),
    ...missing(given, eventParameters).map((name) => `the hook gives ${name}, which events.bicep does not take`),
    ...missing(variables, [...outputs, ...AZD_VARIABLES]).map((name) => `the hook reads ${name}, which main.bicep does not put out`),
  ];
}

/** Variables that azd sets for hooks, and those that a person may set. */
const AZD_VARIABLES: readonly string[] = [
  'AZURE_ENV_NAME',
  'AZURE_SUBSCRIPTION_ID',
  'KATAUDIT_MANAGEMENT_GROUPS',
  'KATAUDIT_PROBE_SCOPES',
  'KATAUDIT_REFERENCED_VAULT_ID',
  'KATAUDIT_EVENT_CLUSTERS',
  'KATAUDIT_EVENT_SUBSCRIPTIONS',
  'KATAUDIT_EXISTING_TOPICS',
];

/** The azd hooks, with what they read and pass on. */
export interface Scripts {
  /** The scripts of package.json. */
  readonly scripts: readonly string[];
  /** Environment variables that the hook reads. */
  readonly variables: readonly string[];
  /** Parameters that the hook passes to events.bicep. */
  readonly given: readonly string[];
}

/** The items of the first list that are not in the second, each once. */
export function missing(wanted: readonly string[], given: readonly string[]): readonly string[] {
  return [...new Set(wanted)].filter((name) => !given.includes(name));
}
