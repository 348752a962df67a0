import { sandboxed } from '../build.ts';
import { adding, type Demonstration } from '../demonstration.ts';
import { failsWorkload } from '../plant.ts';
import { setWorkload } from '../repairs/workloads.ts';

/** Pods ask for the network and for the processes of the host. */
export const sandboxedPodHostNamespaces: Demonstration = {
  reads: 'kubernetes',
  plant: {
    'lab-pods-weu': adding({
      workloads: [
        sandboxed({ namespace: 'tenants', name: 'shares-network', replicas: 2, hostNetwork: true }),
        sandboxed({ namespace: 'tenants', name: 'shares-processes', replicas: 2, hostPid: true }),
      ],
      plantedFaults: [
        failsWorkload('sandboxed-pod-host-namespaces', 'tenants', 'Deployment/shares-network'),
        failsWorkload('sandboxed-pod-host-namespaces', 'tenants', 'Deployment/shares-processes'),
      ],
    }),
  },
  repair: setWorkload(({ hostNetwork: _, hostPid: __, hostIpc: ___, ...workload }) => workload),
};
