import { KATA_CLASS, sandboxed } from '../build.ts';
import { adding, type Demonstration } from '../demonstration.ts';
import { failsClass, failsWorkload, guestOnKataNodes } from '../plant.ts';
import { setClass } from '../repairs/workloads.ts';

/** The class `kata-fast` sounds like a sandbox and starts ordinary containers. */
export const runtimeClassHandler: Demonstration = {
  reads: 'kubernetes',
  plant: {
    'pay-edge-uks': adding({
      runtimeClasses: [{ ...KATA_CLASS, name: 'kata-fast', handler: 'untrusted' }],
      workloads: [sandboxed({ namespace: 'edge', name: 'edge-gateway', replicas: 18, runtimeClassName: 'kata-fast' })],
      plantedFaults: [
        failsClass('runtime-class-handler', 'kata-fast'),
        failsWorkload('workload-sandboxed', 'edge', 'Deployment/edge-gateway'),
        guestOnKataNodes('edge', 'Deployment/edge-gateway'),
      ],
    }),
  },
  repair: setClass({ handler: 'kata' }, 'workload-sandboxed', 'kata-node-tenancy'),
};
