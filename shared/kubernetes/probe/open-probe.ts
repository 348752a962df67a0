import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import type { IsolationProbe } from '../../ports/isolation-probe.ts';
import { CANARY_MS, type CanaryWait, runCanary, sweepCanaries } from './canary-probe.ts';
import { EXEC_MS, execInPod } from './exec-probe.ts';
import { probeApi } from './probe-api.ts';

/** How long a probe waits, and how it names its pods; every option has a default. */
export interface ProbeOptions extends Partial<CanaryWait> {
  /** Time limit of one command in one pod. */
  readonly execMs?: number;
}

/** Waits in real time, and names canaries by chance. */
export const REAL_WAIT: CanaryWait = {
  limitMs: CANARY_MS,
  now: () => new Date(),
  pause: async (milliseconds, signal) => {
    await delay(milliseconds, undefined, { signal });
  },
  newId: () => randomBytes(5).toString('hex'),
};

/** Opens the isolation probe of one cluster with a configuration of the Kubernetes client. */
export async function openProbe(kubeConfig: KubeConfig, { execMs = EXEC_MS, ...given }: ProbeOptions = {}): Promise<IsolationProbe> {
  const wait = { ...REAL_WAIT, ...given };
  const api = await probeApi(kubeConfig);
  return {
    exec: (target, signal) => execInPod(kubeConfig, api, target, execMs, signal),
    canary: (canary, signal) => runCanary(api, canary, wait, signal),
    sweep: (namespace, signal) => sweepCanaries(api, namespace, wait, signal),
    close: () => undefined,
  };
}
