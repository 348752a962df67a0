import { REQUIRED } from '../build.ts';
import { adding, type Demonstration } from '../demonstration.ts';
import { failsWorkload } from '../plant.ts';
import { sandbox } from '../repairs/workloads.ts';

/** A label of the workload, or of its namespace, asks for a pod VM, and the pods run without one. */
export const workloadSandboxed: Demonstration = {
  reads: 'kubernetes',
  plant: {
    'pay-prod-neu': adding({
      namespaceLabels: { ledger: REQUIRED },
      workloads: [
        { namespace: 'vault', name: 'card-vault', replicas: 24, labels: REQUIRED, nodePool: 'apps' },
        { namespace: 'ledger', name: 'ledger-export', replicas: 3, nodePool: 'apps' },
      ],
      plantedFaults: [
        failsWorkload('workload-sandboxed', 'vault', 'Deployment/card-vault'),
        failsWorkload('workload-sandboxed', 'ledger', 'Deployment/ledger-export'),
      ],
    }),
  },
  repair: sandbox,
};
