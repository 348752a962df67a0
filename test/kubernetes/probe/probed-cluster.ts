import { KubeConfig } from '@kubernetes/client-node';
import { DEFAULT_POLICY, type Policy } from '../../../shared/domain/policy/policy.ts';
import { observed } from '../../../shared/domain/snapshot/observation.ts';
import type { ClusterSnapshot, IsolationProof } from '../../../shared/domain/snapshot/snapshot.ts';
import { accessFromAksCredential } from '../../../shared/kubernetes/client/access.ts';
import { openCluster } from '../../../shared/kubernetes/open-cluster.ts';
import { openProbe, type ProbeOptions } from '../../../shared/kubernetes/probe/open-probe.ts';
import type { RunningEstate } from '../../../shared/local/estate/server.ts';
import type { IsolationProbe } from '../../../shared/ports/isolation-probe.ts';
import { readKubernetes } from '../../../shared/usecases/collect-snapshot.ts';
import { type ProbeMode, probeCluster } from '../../../shared/usecases/probe-cluster.ts';

export const NOW = new Date('2026-09-01T12:00:00.000Z');

/** A policy that probes every pod, with canaries in a namespace of every simulated cluster. */
export const PROBE_ALL: Policy = {
  ...DEFAULT_POLICY,
  probe: {
    ...DEFAULT_POLICY.probe,
    podsPerPool: 50,
    resources: { cpu: '70m', memory: '48Mi' },
    namespace: 'default',
    image: 'registry.example/busybox:1.36',
  },
};

/** The product's own probe of a simulated cluster, over TLS. */
export function probeOf(running: RunningEstate, name: string, options: ProbeOptions = {}): Promise<IsolationProbe> {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString(running.kubeconfigFor(name));
  return openProbe(kubeConfig, options);
}

/** A snapshot of a simulated cluster from only Kubernetes, with the probe off. */
export async function lookAt(running: RunningEstate, name: string, policy: Policy = PROBE_ALL) {
  const access = await accessFromAksCredential(running.kubeconfigFor(name), running.token, ['127.0.0.1']);
  const cluster: ClusterSnapshot['cluster'] = { id: name, name, subscriptionId: '', resourceGroup: '', location: '', tags: {} };
  const settings = {
    kubernetesVersion: '',
    powerState: 'Running',
    provisioningState: 'Succeeded',
    privateCluster: false,
    entraIntegrated: false,
    azureRbac: false,
    localAccountsDisabled: false,
  };
  const connect = async () => openCluster(access, { clock: () => NOW });
  const signal = AbortSignal.timeout(20_000);
  const parts = await readKubernetes(
    connect,
    { cluster, settings, nodePools: observed([]) },
    { policy, observedAt: NOW.toISOString(), isLast: true, abortSignal: signal },
  );
  return { cluster, observedAt: NOW.toISOString(), ...parts };
}

/** Scans and probes a simulated cluster like the app. */
export async function probed(
  running: RunningEstate,
  name: string,
  {
    mode = 'exec',
    policy = PROBE_ALL,
    earlier = [],
    ...options
  }: ProbeOptions & { mode?: ProbeMode; policy?: Policy; earlier?: readonly IsolationProof[] } = {},
) {
  const seen = await lookAt(running, name, policy);
  const open = () => probeOf(running, name, options);
  return probeCluster({ mode, open }, seen, { policy, abortSignal: AbortSignal.timeout(20_000) }, earlier);
}
