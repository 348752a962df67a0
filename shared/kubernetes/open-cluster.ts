import { given } from '../domain/snapshot/given.ts';
import type { Clock } from '../ports/clock.ts';
import type { ClusterReader } from '../ports/cluster-reader.ts';
import { withTimeLimit } from '../ports/time-limit.ts';
import type { ClusterAccess } from './client/access.ts';
import { advised } from './client/advice.ts';
import { httpClient } from './client/http-client.ts';
import { readGuardrails } from './guardrails.ts';
import { toClaimedVolumes, toNamespace, toNode, toRuntimeClass } from './objects.ts';
import { LIST_OPTIONS, type ListOptions, listsOf, readAll } from './pods/list.ts';
import { readWorkloads } from './pods/read-workloads.ts';
import type { WhyNotWorthwhile } from './pods/target-plan.ts';
import { readTemplates } from './templates.ts';
import { NAMESPACES, NODES, PERSISTENT_VOLUMES, RUNTIME_CLASSES } from './wire/resources.ts';

/** Whether an API server may compress its responses; `auto`: on a slow connection, and never on loopback. */
export type Compression = 'auto' | 'on' | 'off';

/** Dependencies and limits for reading a cluster. */
export interface OpenOptions {
  readonly clock: Clock;
  /** Maximum bytes of one decompressed response; a page of 5,000 pods of 9 KB has 45 MB. */
  readonly maxBody?: number;
  /** Milliseconds without data after which a connection is closed. */
  readonly silenceMs?: number;
  /** Time limit of one whole read, in milliseconds. */
  readonly readMs?: number;
  /** `auto` if absent. */
  readonly gzip?: Compression;
  /** Decides whether a targeted read pays; by default, it must save half. */
  readonly whyNotTargeted?: WhyNotWorthwhile;
  readonly list?: Partial<Omit<ListOptions, 'clock'>>;
}

const MAX_BODY = 128 * 1_048_576;
const SILENCE_MS = 30_000;
const READ_MS = 600_000;

/** Opens a reader of one API server; it reads one list at a time. Nothing is sent yet. */
export async function openCluster(access: ClusterAccess, options: OpenOptions): Promise<ClusterReader> {
  const { clock, maxBody = MAX_BODY, silenceMs = SILENCE_MS, readMs = READ_MS } = options;
  const gzip = mayCompress(options.gzip ?? 'auto', access.server);
  const client = httpClient(access, { clock, maxBody, silenceMs, ...given({ gzip }) });
  const lists = listsOf(client, { ...LIST_OPTIONS, ...options.list, clock });
  const within = <T>(signal: AbortSignal, read: (signal: AbortSignal) => Promise<T>) => advised(withTimeLimit(readMs, signal, read));
  return {
    nodes: async (signal) => (await within(signal, (limit) => readAll(lists, NODES, limit))).map(toNode),
    runtimeClasses: async (signal) => (await within(signal, (limit) => readAll(lists, RUNTIME_CLASSES, limit))).map(toRuntimeClass),
    namespaces: async (signal) => (await within(signal, (limit) => readAll(lists, NAMESPACES, limit))).map(toNamespace),
    volumes: async (signal) => (await within(signal, (limit) => readAll(lists, PERSISTENT_VOLUMES, limit))).flatMap(toClaimedVolumes),
    workloads: (reading, signal) => within(signal, (limit) => readWorkloads(lists, reading, clock, limit, options.whyNotTargeted)),
    templates: (asked, most, signal) => within(signal, (limit) => readTemplates(lists, asked, most, limit)),
    guardrails: (signal) => within(signal, (limit) => readGuardrails(lists, limit)),
    close: () => client.close(),
  };
}

/** `undefined` lets the client decide by the round trip. */
function mayCompress(gzip: Compression, server: string): boolean | undefined {
  if (gzip === 'auto') return isLoopback(server) ? false : undefined;
  return gzip === 'on';
}

function isLoopback(server: string): boolean {
  const { hostname } = new URL(server);
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}
