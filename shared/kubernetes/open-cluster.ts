import { Fault } from '../domain/fault.ts';
import { type Observation, observed } from '../domain/observation.ts';
import type { PodGroup } from '../domain/snapshot.ts';
import type { Clock } from '../ports/clock.ts';
import type { ClusterReader, PodReading } from '../ports/cluster-reader.ts';
import type { ClusterAccess } from './access.ts';
import { PodFold } from './fold.ts';
import { type HttpClient, httpClient } from './http-client.ts';
import { LIST_OPTIONS, ListExpired, type ListOptions, listPages } from './list.ts';
import { toNamespace, toNode, toRuntimeClass } from './objects.ts';
import { NAMESPACES, NODES, PODS, podsOf, type Resource, RUNTIME_CLASSES } from './wire/resources.ts';

/** What reading a cluster needs of the world, and its bounds. */
export interface OpenOptions {
  readonly clock: Clock;
  /** Bytes of one answer; a page of 5,000 pods of 9 KB has 45 MB. */
  readonly maxBody?: number;
  readonly list?: Partial<ListOptions>;
}

const MAX_BODY = 128 * 1_048_576;

/** Opens a reader on one API server; each read is one list at a time. */
export function openCluster(access: ClusterAccess, options: OpenOptions): ClusterReader {
  const client = httpClient(access, options.maxBody ?? MAX_BODY);
  const list = { ...LIST_OPTIONS, ...options.list };
  return {
    nodes: async (signal) => (await all(client, NODES, list, signal)).map(toNode),
    runtimeClasses: async (signal) => (await all(client, RUNTIME_CLASSES, list, signal)).map(toRuntimeClass),
    namespaces: async (signal) => (await all(client, NAMESPACES, list, signal)).map(toNamespace),
    workloads: (reading, signal) => census(client, reading, list, signal),
    close: () => client.close(),
  };
}

async function all<T>(client: HttpClient, resource: Resource<T>, options: ListOptions, signal: AbortSignal): Promise<readonly T[]> {
  return restarted(async () => {
    const items: T[] = [];
    for await (const page of listPages(client, resource, options, signal)) items.push(...page.items());
    return items;
  });
}

/** Reads every pod, and folds each page while the next one is on its way. */
async function census(
  client: HttpClient,
  reading: PodReading,
  options: ListOptions,
  abortSignal: AbortSignal,
): Promise<Observation<readonly PodGroup[]>> {
  const { maxWorkloads, budgetSeconds } = reading.pods;
  const signal = AbortSignal.any([abortSignal, AbortSignal.timeout(budgetSeconds * 1000)]);
  const fold = await restarted(
    async () => {
      const whole = new PodFold({ ...reading, maxWorkloads });
      for await (const page of listPages(client, PODS, options, signal)) for (const pod of page.items()) whole.add(pod);
      return whole;
    },
    () => censusByNamespace(client, reading, options, signal),
  );
  if (fold.left === 0) return observed(fold.groups());
  const message = `${fold.left} of ${fold.pods} pods belong to workloads beyond the first ${maxWorkloads}, which is the bound (pods.maxWorkloads).`;
  return observed(fold.groups(), { kind: 'truncated', message });
}

/** Each namespace is a list of its own: shorter ones end before the server forgets their version. */
async function censusByNamespace(client: HttpClient, reading: PodReading, options: ListOptions, signal: AbortSignal): Promise<PodFold> {
  const fold = new PodFold({ ...reading, maxWorkloads: reading.pods.maxWorkloads });
  for (const { metadata } of await all(client, NAMESPACES, options, signal)) {
    const name = metadata?.name ?? '';
    const pods = await all(client, podsOf(name), options, signal);
    for (const pod of pods) fold.add(pod);
  }
  return fold;
}

/** A list whose version the server forgot is begun again once; after that `otherwise` is tried. */
async function restarted<T>(read: () => Promise<T>, otherwise?: () => Promise<T>): Promise<T> {
  for (const isLast of [false, true]) {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof ListExpired)) throw error;
      if (isLast && otherwise !== undefined) return otherwise();
      if (isLast) throw error;
    }
  }
  throw new Fault('expired', 'The list could not be read.');
}
