import type { Code } from './code.ts';
import type { Deployment } from './deployment.ts';

/** Settings of the code that a deployment does not set, each with why. */
const LOCAL_SETTINGS: ReadonlyMap<string, string> = new Map([
  ['AzureWebJobsStorage', 'a connection string holds a key; a deployment uses the identity'],
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
  'OTEL_TRACES_SAMPLER',
  'OTEL_TRACES_SAMPLER_ARG',
  'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID',
];

/** Parameters of `main.bicep` that carry a setting, and the setting whose default they must have. */
const PARAMETER_OF: Readonly<Record<string, string>> = {
  KATAUDIT_SCHEDULE: 'schedule',
  KATAUDIT_POLICY: 'policy',
  KATAUDIT_SETTLE_SECONDS: 'settleSeconds',
  KATAUDIT_JITTER_SECONDS: 'jitterSeconds',
  KATAUDIT_PROBE: 'probe',
  KATAUDIT_NOTIFY_FORMAT: 'notifyFormat',
  KATAUDIT_NOTIFY_SEVERITY: 'notifySeverity',
};

/** Where the app settings and what the code reads disagree. */
export function settingProblems({ appSettings, parameters }: Deployment, code: Code): readonly string[] {
  const set = [...appSettings.keys()];
  return [
    ...missing(code.settings, [...set, ...LOCAL_SETTINGS.keys()]).map((name) => `the code reads ${name}, which is not set`),
    ...missing(set, [...code.settings, ...PLATFORM_SETTINGS]).map((name) => `${name} is set, which nothing reads`),
    ...set.filter((name) => LOCAL_SETTINGS.has(name)).map((name) => `${name} is set: ${LOCAL_SETTINGS.get(name)}`),
    ...missing(code.boundSettings, set).map((name) => `a binding needs ${name}, which is not set`),
    ...Object.entries(PARAMETER_OF)
      .filter(([setting, parameter]) => parameters.get(parameter)?.default !== code.defaults.get(setting))
      .map(([setting, parameter]) => `the default of ${parameter} is not that of ${setting}`),
  ];
}

/** Where queues and what reads and writes them disagree. */
export function queueProblems({ queues }: Deployment, { workQueues, triggerQueues }: Code): readonly string[] {
  const wanted = workQueues.flatMap((queue) => [queue, `${queue}-poison`]);
  return [
    ...missing(wanted, queues).map((queue) => `the queue ${queue} is not made`),
    ...missing(queues, wanted).map((queue) => `the queue ${queue} is made and not used`),
    ...missing(wanted, triggerQueues).map((queue) => `no function reads the queue ${queue}`),
    ...missing(triggerQueues, wanted).map((queue) => `a function reads the queue ${queue}, which nothing writes`),
  ];
}

/** Where tables and containers and what the code keeps in them disagree. */
export function storeProblems({ tables, containers }: Deployment, code: Code): readonly string[] {
  return [
    ...missing(code.tables, tables).map((table) => `the table ${table} is not made`),
    ...missing(tables, code.tables).map((table) => `the table ${table} is made and not used`),
    ...missing(code.containers, containers).map((container) => `the container ${container} is not made`),
    ...missing(containers, code.containers).map((container) => `the container ${container} is made and not used`),
  ];
}

/** Where the events that are asked for and those that are understood disagree. */
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

/** Where the parameter file and `main.bicep` disagree, and defaults differ between the two. */
export function parameterProblems({ parameters, parameterFile }: Deployment): readonly string[] {
  const given = Object.keys(parameterFile);
  const needed = [...parameters].filter(([, { optional }]) => !optional).map(([name]) => name);
  return [
    ...missing(given, [...parameters.keys()]).map((name) => `main.parameters.json gives ${name}, which main.bicep does not take`),
    ...missing(needed, given).map((name) => `main.bicep needs ${name}, which main.parameters.json does not give`),
    ...Object.entries(parameterFile).flatMap(([name, { value }]) => {
      const fallback = /^\$\{\w+=(.*)\}$/.exec(value)?.[1];
      const wanted = parameters.get(name)?.default;
      return fallback === undefined || fallback === wanted
        ? []
        : [`the default of ${name} is ${fallback} for azd and ${wanted} in main.bicep`];
    }),
  ];
}

/** Where alerts look for what is never said, or at functions that are not there. */
export function alertProblems({ alerts }: Deployment, code: Code, guide: string): readonly string[] {
  return alerts.flatMap(({ name, query }) => [
    ...[...query.matchAll(/Name (?:==|startswith) "([a-z-]+)"/g)]
      .filter(([, wanted = '']) => !code.functions.some((known) => known.startsWith(wanted)))
      .map(([, wanted]) => `the alert ${name} looks for the function ${wanted}, which is not there`),
    ...[...query.matchAll(/Message has "([^":]+:)/g)]
      .filter(([, words = '']) => !code.text.includes(words))
      .map(([, words]) => `the alert ${name} looks for ${JSON.stringify(words)}, which is never logged`),
    ...(guide.includes(`### \`${name}\``) ? [] : [`docs/operate.md does not say what the alert ${name} means`]),
  ]);
}

/** Where `azure.yaml`, its scripts and the tree disagree. */
export function azdProblems(
  { azd, functionTags, outputs, eventParameters }: Deployment,
  scripts: ReadonlyMap<string, string>,
): readonly string[] {
  const services = Object.keys(azd.services);
  const runs = Object.values(azd.hooks).flatMap(({ posix, windows }) => [posix.run, windows.run]);
  const called = runs.filter((run) => run.startsWith('./'));
  return [
    ...missing(services, functionTags).map((name) => `no resource carries the tag azd-service-name: ${name}`),
    ...missing(functionTags, services).map((name) => `azure.yaml has no service ${name}`),
    ...called.filter((path) => !scripts.has(path)).map((path) => `the hook ${path} does not exist`),
    ...[...scripts].flatMap(([path, text]) => [
      ...missing(
        eventParameters,
        [...text.matchAll(/"(\w+)=\$/g)].map(([, name = '']) => name),
      ).map((name) => `${path} does not give ${name} to events.bicep`),
      ...missing(
        [...text.matchAll(/\$(?:env:|\{)?((?:AZURE|SERVICE|KATAUDIT)_[A-Z_]+)/g)].map(([, name = '']) => name),
        [...outputs, 'AZURE_ENV_NAME', 'KATAUDIT_EVENT_CLUSTERS', 'KATAUDIT_EXISTING_TOPIC', 'KATAUDIT_EXISTING_TOPIC_GROUP'],
      ).map((name) => `${path} reads ${name}, which main.bicep does not put out`),
    ]),
  ];
}

/** What is in the first list and not in the second, each once. */
export function missing(wanted: readonly string[], given: readonly string[]): readonly string[] {
  return [...new Set(wanted)].filter((name) => !given.includes(name));
}
