import { kataPool, sandboxed } from '../build.ts';
import { adding, type Demonstration } from '../demonstration.ts';
import { EQUAL_KERNELS_IMAGE } from '../images.ts';
import { failsPool } from '../plant.ts';
import { upgradePool } from '../repairs/pools.ts';

const SNAPSHOT =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-images/providers/Microsoft.ContainerService/snapshots/kata-202605';

/** A node pool snapshot pins a pool to an image that AKS no longer supports. */
export const nodeImageSupported: Demonstration = {
  reads: 'azure',
  plant: {
    'pay-prod-neu': adding({
      pools: [kataPool('kataold', 2, { nodeImageVersion: EQUAL_KERNELS_IMAGE, snapshotId: SNAPSHOT })],
      workloads: [sandboxed({ namespace: 'ledger', name: 'ledger', kind: 'StatefulSet', replicas: 6, nodePool: 'kataold' })],
      plantedFaults: [failsPool('node-image-current', 'kataold'), failsPool('node-image-supported', 'kataold')],
    }),
  },
  repair: upgradePool,
  needed: { subject: 'node-pool', pool: ['nodeImageVersion'] },
};
