import { sandboxed } from '../build.ts';
import { adding, type Demonstration } from '../demonstration.ts';
import { failsWorkload } from '../plant.ts';
import { setWorkload } from '../repairs/workloads.ts';

/** A sandboxed pod has a privileged container. */
export const sandboxedPodPrivileged: Demonstration = {
  reads: 'kubernetes',
  plant: {
    'lab-pods-weu': adding({
      workloads: [sandboxed({ namespace: 'tenants', name: 'privileged', replicas: 2, privileged: true })],
      plantedFaults: [failsWorkload('sandboxed-pod-privileged', 'tenants', 'Deployment/privileged')],
    }),
  },
  repair: setWorkload(({ privileged: _, ...workload }) => workload),
};
