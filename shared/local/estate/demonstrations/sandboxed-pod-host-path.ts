import { sandboxed } from '../build.ts';
import { adding, type Demonstration } from '../demonstration.ts';
import { failsWorkload } from '../plant.ts';
import { setWorkload } from '../repairs/workloads.ts';

/** A pod mounts a folder of the host into its sandbox. */
export const sandboxedPodHostPath: Demonstration = {
  reads: 'kubernetes',
  plant: {
    'lab-pods-weu': adding({
      workloads: [sandboxed({ namespace: 'tenants', name: 'mounts-host', replicas: 2, hostPath: '/var/log' })],
      plantedFaults: [failsWorkload('sandboxed-pod-host-path', 'tenants', 'Deployment/mounts-host')],
    }),
  },
  repair: setWorkload(({ hostPath: _, claim: __, ...workload }) => workload),
};
