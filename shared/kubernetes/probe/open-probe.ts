import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import type { IsolationProbe } from '../../ports/isolation-probe.ts';
import { type CanaryWait, runCanary, sweepCanaries } from './canary-probe.ts';
import { execInPod } from './exec-probe.ts';
import { probeApi } from './probe-api.ts';

const WAIT: CanaryWait = {
  now: () => new Date(),
  pause: async (milliseconds, signal) => {
    await delay(milliseconds, undefined, { signal });
  },
  newId: () => randomBytes(5).toString('hex'),
};

/** Opens the isolation probe of one cluster on a kubeconfig of the Kubernetes client. */
export async function openProbe(kubeConfig: KubeConfig, wait: CanaryWait = WAIT): Promise<IsolationProbe> {
  const api = await probeApi(kubeConfig);
  return {
    exec: (target, signal) => execInPod(kubeConfig, api, target, signal),
    canary: (canary, signal) => runCanary(api, canary, wait, signal),
    sweep: (namespace, signal) => sweepCanaries(api, namespace, wait, signal),
    close: () => undefined,
  };
}
