import { kataPool, sandboxed } from '../build.ts';
import { adding, type Demonstration } from '../demonstration.ts';
import { imageOfAge, VARIANTS } from '../images.ts';
import { failsPool } from '../plant.ts';
import { upgradePool } from '../repairs/pools.ts';

/** A pool waits for the next maintenance window with an old image. */
export const nodeImageCurrent: Demonstration = {
  reads: 'azure',
  plant: {
    'pay-prod-neu': adding((now) => ({
      pools: [kataPool('kata', 4, { nodeImageVersion: imageOfAge(VARIANTS.kata, 45, now) })],
      workloads: [sandboxed({ namespace: 'checkout', name: 'payments-api', replicas: 60, nodePool: 'kata' })],
      plantedFaults: [failsPool('node-image-current', 'kata')],
    })),
  },
  repair: upgradePool,
  needed: { subject: 'node-pool', pool: ['nodeImageVersion'] },
};
