import { KubeConfig } from '@kubernetes/client-node';
import { openProbe } from '../../../shared/kubernetes/probe/open-probe.ts';

/** The input of the process. */
export type CanaryArguments = readonly [kubeconfig: string, namespace: string, node: string];

// Sweeps and runs one canary, like a scan, until it is done or killed.
const [, , kubeconfig = '', namespace = '', node = ''] = process.argv;
const kubeConfig = new KubeConfig();
kubeConfig.loadFromFile(kubeconfig);
const probe = await openProbe(kubeConfig);
const signal = AbortSignal.timeout(30_000);
await probe.sweep(namespace, signal);
await probe.canary(
  {
    namespace,
    image: 'registry.example/busybox:1.36',
    resources: { cpu: '50m', memory: '32Mi' },
    node,
    runtimeClassName: 'kata-vm-isolation',
  },
  signal,
);
