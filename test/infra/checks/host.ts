import { z } from 'zod';
import type { Code } from './code.ts';
import type { Deployment } from './deployment.ts';

const queues = z.object({
  batchSize: z.number(),
  newBatchThreshold: z.number(),
  maxDequeueCount: z.number(),
  visibilityTimeout: z.string(),
  messageEncoding: z.string(),
});
const hostJson = z.object({
  version: z.string(),
  telemetryMode: z.string(),
  functionTimeout: z.string(),
  extensionBundle: z.object({ id: z.string(), version: z.string() }),
  extensions: z.object({ queues, http: z.object({ routePrefix: z.string() }) }),
});

/** The fields of `package.json` about the runtime. */
export interface Manifest {
  readonly main: string;
  readonly engines: { readonly node: string };
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** Settings that Flex Consumption refuses or ignores: their meaning moved into `functionAppConfig`. */
const REMOVED_SETTINGS: readonly string[] = [
  'ENABLE_ORYX_BUILD',
  'FUNCTIONS_EXTENSION_VERSION',
  'FUNCTIONS_WORKER_RUNTIME',
  'FUNCTIONS_WORKER_RUNTIME_VERSION',
  'SCM_DO_BUILD_DURING_DEPLOYMENT',
  'TZ',
  'WEBSITE_CONTENTAZUREFILECONNECTIONSTRING',
  'WEBSITE_CONTENTSHARE',
  'WEBSITE_NODE_DEFAULT_VERSION',
  'WEBSITE_RUN_FROM_PACKAGE',
  'WEBSITE_TIME_ZONE',
];

/** The host's part of an instance's memory, in MB, measured while a worker audits. */
const HOST_MB = 230;
/** The memory of a worker besides its heap: its program, and the bytes that it reads. */
const BESIDE_HEAP_MB = 80;

/** With this capability an app declares that it sends its log lines itself. */
const OWN_LOGS = 'WorkerOpenTelemetryEnabled';

/** Mismatches between `host.json`, `functionAppConfig`, `package.json` and the code. */
export function hostProblems(
  text: string,
  { appSettings, parameters, alerts, azd }: Deployment,
  code: Code,
  manifest: Manifest,
): readonly string[] {
  const host = hostJson.parse(JSON.parse(text));
  const timeout = milliseconds(host.functionTimeout);
  const nodeVersion = String(parameters.get('nodeVersion')?.default);
  const watches = alerts.some(({ query }) => /AppTraces/.test(query));
  // Without them the host's exporter keeps five traces per second, and drops the log lines of the others.
  const keepsAll =
    appSettings.get('OTEL_TRACES_SAMPLER') === 'microsoft.fixed_percentage' && appSettings.get('OTEL_TRACES_SAMPLER_ARG') === '1.0';
  return [
    ...(host.version === '2.0' ? [] : ['host.json is not of version 2.0']),
    ...(/^\[4\.\*, 5\.0\.0\)$/.test(host.extensionBundle.version) ? [] : ['Flex Consumption needs an extension bundle from 4 on']),
    ...code.timeouts
      .filter((own) => own >= timeout)
      .map((own) => `a function gives itself ${own} ms, the host stops it after ${timeout} ms`),
    ...(timeout > 30 * 60_000 ? ['the host lets a function run longer than half an hour'] : []),
    ...(host.extensions.queues.messageEncoding === 'none' ? [] : ['a message that is no base64 would stay in a poison queue for ever']),
    ...(host.extensions.http.routePrefix === 'api' ? [] : ['the addresses that people and load balancers use begin with /api']),
    ...(host.extensions.queues.batchSize > 16 ? ['one instance would scan more than 16 clusters at once'] : []),
    ...(heapMb(appSettings) + BESIDE_HEAP_MB + HOST_MB <= Number(parameters.get('instanceMemoryMB')?.default)
      ? []
      : ['a worker may take more memory than an instance has beside the host']),
    ...(host.telemetryMode === 'OpenTelemetry' ? [] : ['the host does not pass its trace on to what the code tells of itself']),
    ...(!watches || keepsAll ? [] : ['an alert reads requests or log lines, of which only a sample is kept']),
    // The host would then leave the log lines of functions, which alerts read, to the code to send.
    ...(code.text.includes(OWN_LOGS) ? [`the code declares ${OWN_LOGS}: its log lines would reach no alert`] : []),
    ...[...appSettings.keys()].filter((name) => REMOVED_SETTINGS.includes(name)).map((name) => `Flex Consumption does not take ${name}`),
    ...(manifest.main === 'dist/functions/*.js' ? [] : ['package.json does not lead the worker to the built functions']),
    ...(manifest.devDependencies['@types/node']?.startsWith(`^${nodeVersion}.`)
      ? []
      : [`the code is not checked against Node ${nodeVersion}`]),
    ...Object.values(azd.services)
      .filter(({ host: kind, remoteBuild, dist }) => kind !== 'function' || remoteBuild || dist !== '.package/app')
      .map(() => 'azd does not send the package that `npm run package` makes'),
  ];
}

/** The limit of the worker's heap; infinite when it has none. */
function heapMb(appSettings: Deployment['appSettings']): number {
  const bound = /--max-old-space-size=(\d+)/.exec(String(appSettings.get('languageWorkers__node__arguments')))?.[1];
  return bound === undefined ? Number.POSITIVE_INFINITY : Number(bound);
}

function milliseconds(span: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = span.split(':').map(Number);
  return ((hours * 60 + minutes) * 60 + seconds) * 1_000;
}
