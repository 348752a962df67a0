import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { WORK_QUEUES } from '../../../shared/compose/functions/queue-messages.ts';
import { load, SETTINGS } from '../../../shared/config/settings.ts';
import { OPERATOR_ROLE, READER_ROLE } from '../../../shared/http/access/principal.ts';
import { CONTAINERS, QUEUES, TABLES } from '../../../shared/storage/names.ts';

/** What the code expects of its deployment. */
export interface Code {
  readonly settings: readonly string[];
  /** Defaults of the settings, as text of environment variables. */
  readonly defaults: ReadonlyMap<string, string>;
  /** Settings that a binding names as `%NAME%`; the host does not start without them. */
  readonly boundSettings: readonly string[];
  readonly workQueues: readonly string[];
  readonly tables: readonly string[];
  readonly containers: readonly string[];
  /** Queues that a trigger reads. */
  readonly triggerQueues: readonly string[];
  readonly functions: readonly string[];
  /** Event types that the parser knows, in lower case. */
  readonly eventTypes: readonly string[];
  readonly appRoles: readonly string[];
  /** Azure actions that the adapters name beside their calls. */
  readonly actions: readonly string[];
  /** Permissions for reading clusters, by their Azure names. */
  readonly dataActions: readonly string[];
  /** Additional permissions of the probes, by their Kubernetes names: `create pods`. */
  readonly probePermissions: readonly string[];
  /** The time limit of each function in milliseconds. */
  readonly timeouts: readonly number[];
  /** The text of the whole code, to find the text that an alert looks for. */
  readonly text: string;
}

/** Reads the code below a folder. */
export function readCode(root: string): Code {
  const read = (pattern: string) => globSync(pattern, { cwd: root }).map((path) => readFileSync(join(root, path), 'utf8'));
  const functions = read('functions/*.ts');
  const text = [...functions, ...read('shared/{usecases,domain,compose,storage,telemetry,notify}/**/*.ts')].join('\n');
  const all = (pattern: RegExp, source: string) => [...source.matchAll(pattern)].map(([, found = '']) => found);
  const queueNames = all(/queueName: ['`]([^'`]+)['`]/g, functions.join('\n'));
  return {
    settings: SETTINGS.map(({ name }) => name),
    defaults: new Map(Object.entries(load({})).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : String(value)])),
    boundSettings: all(/'%([A-Za-z_]+)%'/g, functions.join('\n')),
    workQueues: [...new Set([...WORK_QUEUES, ...Object.values(QUEUES)])],
    tables: Object.values(TABLES),
    containers: Object.values(CONTAINERS),
    // The name of a poison trigger is made from that of its work queue.
    triggerQueues: queueNames.flatMap((name) =>
      name.startsWith('$') ? WORK_QUEUES.map((queue) => name.replace(/\$\{\w+\}/, () => queue)) : [name],
    ),
    functions: globSync('functions/*.ts', { cwd: root }).map((path) => basename(path).split('.')[0] ?? ''),
    eventTypes: all(/'(microsoft\.(?:containerservice|resources)\.[a-z]+)'/g, read('shared/domain/snapshot/event.ts').join('\n')),
    appRoles: [READER_ROLE, OPERATOR_ROLE],
    actions: all(/'(Microsoft\.[A-Za-z]+\/[A-Za-z/]+\/(?:read|write|delete|action))'/g, read('shared/azure/**/*.ts').join('\n')),
    dataActions: all(/`\$\{AKS\}(\/[a-z0-9./]+)`/g, read('shared/kubernetes/wire/resources.ts').join('\n')).map(
      (path) => `Microsoft.ContainerService/managedClusters${path}`,
    ),
    probePermissions: [
      ...read('shared/kubernetes/probe/*.ts')
        .join('\n')
        .matchAll(/`(\w+)\\?` on \\?`([a-z/]+)/g),
    ].map(([, verb = '', resource = '']) => `${verb} ${resource}`),
    timeouts: all(/(?:AbortSignal\.timeout\(|takesMessages\('[a-z]+', \w+, )([\d_]+)\b/g, functions.join('\n')).map((number) =>
      Number(number.replaceAll('_', '')),
    ),
    text,
  };
}
