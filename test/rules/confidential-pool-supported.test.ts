import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { confidentialPoolSupported } from '../../shared/rules/confidential-pool-supported.ts';
import { aKataPool } from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

testRule(confidentialPoolSupported, [
  {
    name: 'passes a cluster whose pools use the supported runtimes',
    over: { nodePools: observed([aKataPool()]) },
    says: { 'node-pool/kata1': 'pass' },
  },
  {
    name: 'fails a pool with the preview runtime',
    over: { nodePools: observed([aKataPool({ workloadRuntime: 'KataCcIsolation' })]) },
    says: { 'node-pool/kata1': 'fail' },
    severity: 'medium',
    facts: { workloadRuntime: 'KataCcIsolation' },
  },
  {
    // Its own machines are confidential ones, which do not start the pod VMs of the other runtime.
    name: 'replaces such a pool by one of as many ordinary machines, under a name that is free, and deletes it last',
    over: {
      nodePools: observed([
        aKataPool({ workloadRuntime: 'KataCcIsolation', vmSize: 'Standard_DC8as_cc_v5', count: 3 }),
        aKataPool({ name: 'kata12' }),
      ]),
    },
    says: { 'node-pool/kata1': 'fail', 'node-pool/kata12': 'pass' },
    remediation:
      /delete kata1 last\.\naz aks nodepool add .*--name kata13 .*--workload-runtime KataVmIsolation --node-vm-size Standard_D4s_v5 --node-count 3\naz aks nodepool delete .*--name kata1$/,
  },
  {
    name: 'compares the preview runtime without regard to case',
    over: { nodePools: observed([aKataPool({ workloadRuntime: 'katacciSolation' })]) },
    says: { 'node-pool/kata1': 'fail' },
  },
  { name: 'cannot be judged without the pools', over: { nodePools: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  {
    name: 'does not apply to a pool without Kata',
    over: { nodePools: observed([aKataPool({ workloadRuntime: 'OCIContainer' })]) },
    says: { 'node-pool/kata1': 'not-applicable' },
  },
]);
