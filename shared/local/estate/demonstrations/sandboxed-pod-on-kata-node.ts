import { sandboxed } from '../build.ts';
import { adding, type Demonstration } from '../demonstration.ts';
import { failsWorkload, probed } from '../plant.ts';
import { sandbox } from '../repairs/workloads.ts';

/** A class without a node selector lets its pods go to nodes that cannot run a pod VM. */
export const sandboxedPodOnKataNode: Demonstration = {
  reads: 'kubernetes',
  plant: {
    'lab-classes-weu': adding({
      runtimeClasses: [{ name: 'kata-anywhere', handler: 'kata', overheadMemory: '600Mi' }],
      workloads: [sandboxed({ namespace: 'lab', name: 'lost-tenant', replicas: 4, runtimeClassName: 'kata-anywhere', nodePool: 'apps' })],
      plantedFaults: [
        failsWorkload('sandboxed-pod-on-kata-node', 'lab', 'Deployment/lost-tenant'),
        failsWorkload('sandboxed-pod-starts', 'lab', 'Deployment/lost-tenant'),
        probed('unknown', 'lab', 'Deployment/lost-tenant'),
      ],
    }),
  },
  repair: sandbox,
};
