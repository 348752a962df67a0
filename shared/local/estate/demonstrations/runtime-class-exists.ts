import { sandboxed } from '../build.ts';
import { adding, type Demonstration } from '../demonstration.ts';
import { failsClass, failsWorkload, probed, unknownOfWorkload } from '../plant.ts';
import { restoreClasses } from '../repairs/workloads.ts';

/** A class was deleted while its pods run, so the handler that started them is unknown. Source: kubernetes/enhancements#909. */
export const runtimeClassExists: Demonstration = {
  reads: 'kubernetes',
  plant: {
    'lab-gone-weu': adding({
      workloads: [
        sandboxed({
          namespace: 'lab',
          name: 'survivor',
          replicas: 3,
          runtimeClassName: 'kata-old',
          hostPath: '/var/log',
          nodePool: 'kata',
        }),
      ],
      plantedFaults: [
        failsClass('runtime-class-exists', 'kata-old'),
        ...unknownOfWorkload('lab', 'Deployment/survivor', 'workload-sandboxed', 'sandboxed-pod-on-kata-node', 'sandboxed-pod-host-path'),
        { ...failsWorkload('kata-node-tenancy', 'lab', 'Deployment/survivor'), verdict: 'unknown', when: 'opted-in' },
        probed('unknown', 'lab', 'Deployment/survivor'),
      ],
    }),
  },
  repair: restoreClasses,
};
