import { KATA_CLASS, REQUIRED } from '../build.ts';
import { adding, type Demonstration } from '../demonstration.ts';
import { failsWorkload } from '../plant.ts';
import { setWorkload } from '../repairs/workloads.ts';

/** A sandboxed pod without a memory limit gets a VM of the smallest size. */
export const sandboxedPodMemoryLimit: Demonstration = {
  reads: 'kubernetes',
  plant: {
    'lab-pods-weu': adding({
      workloads: [{ namespace: 'tenants', name: 'unlimited', replicas: 2, runtimeClassName: KATA_CLASS.name, labels: REQUIRED }],
      plantedFaults: [failsWorkload('sandboxed-pod-memory-limit', 'tenants', 'Deployment/unlimited')],
    }),
  },
  repair: setWorkload(({ sidecar: _, ...workload }) => ({ ...workload, memoryLimit: '512Mi' })),
};
