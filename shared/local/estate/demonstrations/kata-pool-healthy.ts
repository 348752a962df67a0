import { kataPool, sandboxed } from '../build.ts';
import { adding, type Demonstration } from '../demonstration.ts';
import { failsPool } from '../plant.ts';
import { healPool } from '../repairs/pools.ts';

/** The creation of one pool failed, and the nodes of another are not ready. */
export const kataPoolHealthy: Demonstration = {
  reads: 'azure',
  plant: {
    'lab-pools-weu': adding({
      pools: [kataPool('katafailed', 2, { provisioningState: 'Failed' }), kataPool('katadown', 2)],
      adjustNode: (node) => (node.nodePool === 'katadown' ? { ...node, ready: false } : node),
      workloads: [sandboxed({ namespace: 'lab', name: 'runner-katafailed', replicas: 4, nodePool: 'katafailed' })],
      plantedFaults: [
        failsPool('kata-pool-healthy', 'katafailed'),
        failsPool('kata-pool-healthy', 'katadown'),
        failsPool('kata-pool-used', 'katadown'),
      ],
    }),
  },
  repair: healPool,
  needed: { subject: 'node-pool', pool: ['workloadRuntime', 'provisioningState', 'powerState'] },
};
