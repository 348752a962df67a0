import type { CoreV1Api, KubeConfig, V1Pod } from '@kubernetes/client-node';
import { z } from 'zod';
import { Fault } from '../../domain/snapshot/fault.ts';
import { given } from '../../domain/snapshot/given.ts';
import { observe } from '../../domain/snapshot/observation.ts';
import { callOptions } from '../client/call-options.ts';
import { parseStatus } from '../wire/list-page.ts';
import { oneLine } from '../wire/one-line.ts';

/** The fields of a pod that a probe needs. */
export interface ProbedPod {
  readonly phase: string;
  readonly node: string;
  readonly containers: readonly string[];
  /** Why it does not start, as Kubernetes reports it. */
  readonly waiting?: string;
}

/** The calls of the core API that the probe makes; each throws a `Fault` when it fails. */
export interface ProbeApi {
  /** Resolves to `undefined` if the pod does not exist. */
  readPod(namespace: string, name: string, abortSignal: AbortSignal): Promise<ProbedPod | undefined>;
  createPod(namespace: string, pod: V1Pod, abortSignal: AbortSignal): Promise<void>;
  readLog(namespace: string, name: string, abortSignal: AbortSignal): Promise<string>;
  /** Succeeds if the pod does not exist. */
  deletePod(namespace: string, name: string, abortSignal: AbortSignal): Promise<void>;
  /** Returns the names of the pods with a label, with their creation times. */
  listPods(
    namespace: string,
    labelSelector: string,
    abortSignal: AbortSignal,
  ): Promise<readonly { readonly name: string; readonly createdAt: Date }[]>;
}

const LOG_BYTES = 4_096;
const failure = z.object({ code: z.number(), body: z.unknown() });

/** Returns the probe's calls for a configuration of the Kubernetes client. */
export async function probeApi(kubeConfig: KubeConfig): Promise<ProbeApi> {
  const { CoreV1Api: Core } = await import('../client/library.ts');
  const core: CoreV1Api = kubeConfig.makeApiClient(Core);
  return {
    readPod: (namespace, name, signal) => {
      const get = () =>
        attempt('read a pod', '`get` on `pods`', async () =>
          podOf(await core.readNamespacedPod({ namespace, name }, await callOptions(signal))),
        );
      const list = () =>
        attempt('list a pod', `\`list\` on \`pods\` in ${namespace}`, async () => {
          const named = { namespace, fieldSelector: `metadata.name=${name}` };
          const { items } = await core.listNamespacedPod(named, await callOptions(signal));
          return items[0] === undefined ? undefined : podOf(items[0]);
        });
      return orGone(() => unlessDenied(get, list));
    },
    createPod: async (namespace, body, signal) => {
      await attempt('create a canary', `\`create\` on \`pods\` in ${namespace}`, async () =>
        core.createNamespacedPod({ namespace, body }, await callOptions(signal)),
      );
    },
    readLog: (namespace, name, signal) =>
      attempt('read a canary’s output', `\`get\` on \`pods/log\` in ${namespace}`, async () =>
        core.readNamespacedPodLog({ namespace, name, limitBytes: LOG_BYTES }, await callOptions(signal)),
      ),
    deletePod: async (namespace, name, signal) => {
      await orGone(() =>
        attempt('delete a canary', `\`delete\` on \`pods\` in ${namespace}`, async () =>
          core.deleteNamespacedPod({ namespace, name, gracePeriodSeconds: 0 }, await callOptions(signal)),
        ),
      );
    },
    listPods: async (namespace, labelSelector, signal) => {
      const { items } = await attempt('list canaries', `\`list\` on \`pods\` in ${namespace}`, async () =>
        core.listNamespacedPod({ namespace, labelSelector }, await callOptions(signal)),
      );
      return items.flatMap(({ metadata }) =>
        metadata?.name === undefined ? [] : [{ name: metadata.name, createdAt: metadata.creationTimestamp ?? new Date(0) }],
      );
    },
  };
}

function podOf({ status, spec }: V1Pod): ProbedPod {
  const waiting =
    status?.containerStatuses?.flatMap(({ state }) => state?.waiting?.reason ?? [])[0] ??
    status?.conditions?.find(({ type, status: met }) => type === 'PodScheduled' && met === 'False')?.reason;
  return {
    phase: status?.phase ?? 'Unknown',
    node: spec?.nodeName ?? '',
    containers: spec?.containers.map(({ name }) => name) ?? [],
    ...given({ waiting }),
  };
}

/**
 * An identity may be allowed to list pods but not to get them; the list then gives the same. If both are denied, the first error is
 * thrown.
 */
async function unlessDenied<T>(first: () => Promise<T>, second: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await first();
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'denied') throw error;
    const other = await observe(second);
    if (other.state === 'unavailable') throw error;
    return other.value;
  }
}

async function orGone<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof Fault && error.code === 'not-found') return undefined;
    throw error;
  }
}

async function attempt<T>(what: string, permission: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    throw faultOf(cause, what, permission);
  }
}

/** The client throws an `ApiException` with the status as `code`; anything else it throws is a network error. */
function faultOf(cause: unknown, what: string, permission: string): Fault {
  const because = { cause };
  // Checked first, because an aborted wait also has a numeric code (20 or 23), which is not an HTTP status.
  if (cause instanceof Error && (cause.name === 'AbortError' || cause.name === 'TimeoutError')) {
    return new Fault('timed-out', `Cannot ${what}: the API server did not answer in time.`, because);
  }
  const { code: status, body } = failure.safeParse(cause).data ?? {};
  const words = saidIn(body);
  if (status === 401) return new Fault('unauthenticated', `Cannot ${what}: the API server does not accept the token.`, because);
  if (status === 403) return new Fault('denied', `Cannot ${what}: the identity needs ${permission}.${words}`, because);
  if (status === 422) return new Fault('denied', `Cannot ${what}: an admission policy refused it (422).${words}`, because);
  if (status === 404) return new Fault('not-found', `Cannot ${what}: it or its namespace does not exist.`, because);
  if (status === 409) return new Fault('conflict', `Cannot ${what}: one with the same name exists.`, because);
  if (status === 429) return new Fault('throttled', `Cannot ${what}: the API server is too busy.`, because);
  if (status !== undefined && status < 500)
    return new Fault('unsupported', `Cannot ${what}: the API server answered ${status}.${words}`, because);
  return new Fault('unreachable', `Cannot ${what}: ${cause instanceof Error ? cause.message : String(cause)}`, because);
}

/** Returns the server's message from the body of a failure. */
function saidIn(body: unknown): string {
  const text = typeof body === 'string' ? body : JSON.stringify(body ?? null);
  const said = oneLine(parseStatus(Buffer.from(text))?.message ?? '');
  return said === '' ? '' : ` The API server said: ${said}.`;
}
