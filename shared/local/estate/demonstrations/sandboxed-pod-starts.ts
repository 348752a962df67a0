import { sandboxed } from '../build.ts';
import { adding, type Demonstration } from '../demonstration.ts';
import { failsWorkload, probed } from '../plant.ts';
import { sandbox } from '../repairs/workloads.ts';

/** A pod waits for an image that cannot be pulled. */
export const sandboxedPodStarts: Demonstration = {
  reads: 'kubernetes',
  plant: {
    'lab-pods-weu': adding({
      workloads: [sandboxed({ namespace: 'tenants', name: 'broken-image', replicas: 2, state: 'image-pull' })],
      plantedFaults: [
        failsWorkload('sandboxed-pod-starts', 'tenants', 'Deployment/broken-image'),
        probed('unknown', 'tenants', 'Deployment/broken-image'),
      ],
    }),
  },
  repair: sandbox,
};
