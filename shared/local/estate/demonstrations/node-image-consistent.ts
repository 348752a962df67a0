import { adding, type Demonstration } from '../demonstration.ts';
import { imageOfAge, VARIANTS } from '../images.ts';
import { failsPool } from '../plant.ts';
import { alignNodes } from '../repairs/pools.ts';

/** A node image upgrade stalled: the pool names the new image, and two nodes still run the old one. */
export const nodeImageConsistent: Demonstration = {
  reads: 'kubernetes',
  plant: {
    'data-batch-cus': (plan, now) => {
      const old = imageOfAge(VARIANTS.kata, 33, now);
      return adding({
        adjustNode: (node, at) => (node.nodePool === 'kata' && at % 3 === 0 ? { ...node, nodeImageVersion: old } : node),
        plantedFaults: [failsPool('node-image-consistent', 'kata')],
      })(plan, now);
    },
  },
  repair: alignNodes,
  needed: { subject: 'node-pool', pool: ['nodeImageVersion'] },
};
