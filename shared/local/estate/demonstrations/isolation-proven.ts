import { sandboxed } from '../build.ts';
import { adding, type Demonstration } from '../demonstration.ts';
import { probed } from '../plant.ts';
import { setWorkload } from '../repairs/workloads.ts';

/** A probe reads the kernel of the node in a pod that should have its own. */
export const isolationProven: Demonstration = {
  reads: 'kubernetes',
  plant: {
    'lab-probes-weu': adding({
      workloads: [sandboxed({ namespace: 'tenants', name: 'shared-kernel', replicas: 2, probe: 'shares-kernel' })],
      plantedFaults: [probed('fail', 'tenants', 'Deployment/shared-kernel')],
    }),
  },
  repair: setWorkload(({ probe: _, ...workload }) => workload),
};
