import { adding, type Demonstration } from '../demonstration.ts';
import { guestOnKataNodes } from '../plant.ts';
import { setWorkload } from '../repairs/workloads.ts';

/** Ordinary pods run on Kata nodes, which only a policy that turns the rule on forbids. */
export const kataNodeTenancy: Demonstration = {
  reads: 'kubernetes',
  isOptIn: true,
  plant: {
    'lab-probes-weu': adding({
      workloads: [{ namespace: 'tools', name: 'dashboard', replicas: 6 }],
      plantedFaults: [guestOnKataNodes('tools', 'Deployment/dashboard')],
    }),
  },
  repair: setWorkload((workload) => ({ ...workload, nodePool: 'system' })),
};
