import type { V1Pod } from '@kubernetes/client-node';
import { PROBE_COMMANDS } from '../../domain/isolation/probe-output.ts';
import { Fault, type FaultCode } from '../../domain/snapshot/fault.ts';
import { given } from '../../domain/snapshot/given.ts';
import type { Canary, ProbeReading } from '../../ports/isolation-probe.ts';
import { withTimeLimit } from '../../ports/time-limit.ts';
import type { ProbeApi } from './probe-api.ts';

/** Labels by which a later scan recognizes canaries that an earlier one left behind. */
const OWNER_LABELS = { 'app.kubernetes.io/managed-by': 'kataudit', 'kataudit.io/probe': 'canary' };
const OWNER_SELECTOR = Object.entries(OWNER_LABELS)
  .map(([name, value]) => `${name}=${value}`)
  .join(',');

/** Kubernetes itself ends a canary after this time. */
const DEADLINE_SECONDS = 60;
/** No output is expected from a canary after its deadline. */
export const CANARY_MS = DEADLINE_SECONDS * 1000;
const DELETE_MS = 10_000;
const REFUSALS: readonly FaultCode[] = ['unauthenticated', 'denied', 'not-found', 'conflict', 'throttled', 'unsupported'];
/** A canary older than this belongs to a crashed scan, because no scan waits so long. */
const ORPHAN_MS = 10 * 60_000;

/** How to wait for a canary. */
export interface CanaryWait {
  /** Time limit for one canary, from its creation to its output. */
  readonly limitMs: number;
  readonly now: () => Date;
  /** Resolves after a time; rejects when the signal aborts. */
  readonly pause: (milliseconds: number, abortSignal: AbortSignal) => Promise<void>;
  readonly newId: () => string;
}

const POLL_MS = 1_000;

/** Starts a canary, reads its output, and deletes it in every case. */
export async function runCanary(api: ProbeApi, canary: Canary, wait: CanaryWait, abortSignal: AbortSignal): Promise<ProbeReading> {
  return withTimeLimit(wait.limitMs, abortSignal, (limit) => runWithin(api, canary, wait, limit, abortSignal));
}

async function runWithin(
  api: ProbeApi,
  canary: Canary,
  wait: CanaryWait,
  limit: AbortSignal,
  abortSignal: AbortSignal,
): Promise<ProbeReading> {
  const name = `kataudit-canary-${wait.newId()}`;
  let mayBeThere = false;
  try {
    mayBeThere = await create(api, canary, name, limit);
    return await untilRead(api, canary, name, wait, limit);
  } catch (error) {
    mayBeThere ||= !isRefusal(error);
    const late = error instanceof Fault && error.code === 'timed-out' && limit.aborted && !abortSignal.aborted;
    if (!late) throw error;
    return { state: 'unknown', reason: 'The canary did not end in time: the API server did not answer.' };
  } finally {
    // The caller's time may be up. The deletion has its own time limit, and the next sweep deletes what it misses.
    if (mayBeThere) await withTimeLimit(DELETE_MS, undefined, (deletion) => api.deletePod(canary.namespace, name, deletion));
  }
}

async function create(api: ProbeApi, canary: Canary, name: string, limit: AbortSignal): Promise<true> {
  await api.createPod(canary.namespace, canaryPod(name, canary), limit);
  return true;
}

/** Whether the API server refused the creation. There is nothing to delete then, and a failed deletion would hide the reason. */
function isRefusal(error: unknown): boolean {
  return error instanceof Fault && REFUSALS.includes(error.code);
}

/** Deletes canaries that a crash left behind; returns how many. */
export async function sweepCanaries(api: ProbeApi, namespace: string, wait: CanaryWait, abortSignal: AbortSignal): Promise<number> {
  const left = await api.listPods(namespace, OWNER_SELECTOR, abortSignal);
  const orphans = left.filter(({ createdAt }) => wait.now().getTime() - createdAt.getTime() > ORPHAN_MS);
  for (const { name } of orphans) await api.deletePod(namespace, name, abortSignal);
  return orphans.length;
}

async function untilRead(api: ProbeApi, { namespace }: Canary, name: string, wait: CanaryWait, limit: AbortSignal): Promise<ProbeReading> {
  let waiting = 'it was not scheduled';
  for (;;) {
    if (limit.aborted) return { state: 'unknown', reason: `The canary did not end in time: ${waiting}.` };
    const pod = await api.readPod(namespace, name, limit);
    if (pod === undefined) return { state: 'unknown', reason: 'The canary was deleted by another client.' };
    if (pod.phase === 'Succeeded') return { state: 'read', output: await api.readLog(namespace, name, limit) };
    if (pod.phase === 'Failed') return { state: 'unknown', reason: 'The canary failed: its image has no `cat`, or its deadline passed.' };
    waiting = pod.waiting ?? `it is ${pod.phase}`;
    if (waiting === 'ErrImagePull' || waiting === 'ImagePullBackOff' || waiting === 'InvalidImageName') {
      return { state: 'unknown', reason: `The canary's image cannot be pulled (${waiting}).` };
    }
    try {
      await wait.pause(POLL_MS, limit);
    } catch (error) {
      if (!limit.aborted) throw error;
    }
  }
}

/** Returns a pod that meets the restricted Pod Security Standard, so that admission policies accept it. */
function canaryPod(name: string, { image, node, runtimeClassName, resources }: Canary): V1Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: OWNER_LABELS },
    spec: {
      ...given({ runtimeClassName }),
      affinity: onNode(node),
      tolerations: [{ operator: 'Exists' }],
      restartPolicy: 'Never',
      activeDeadlineSeconds: DEADLINE_SECONDS,
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65_534, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: 'canary',
          image,
          command: [...(PROBE_COMMANDS[0] ?? [])],
          resources: { requests: { ...resources }, limits: { ...resources } },
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
        },
      ],
    },
  };
}

/** Uses affinity instead of `nodeName`, so that the scheduler, quotas and taints apply. */
function onNode(node: string) {
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: [node] }];
  return { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] } } };
}
