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
    remediation: /--workload-runtime KataVmIsolation/,
  },
  { name: 'cannot be judged without the pools', over: { nodePools: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  {
    name: 'does not apply to a pool without Kata',
    over: { nodePools: observed([aKataPool({ workloadRuntime: 'OCIContainer' })]) },
    says: { 'node-pool/kata1': 'not-applicable' },
  },
]);
