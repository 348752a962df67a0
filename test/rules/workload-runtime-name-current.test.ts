import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { workloadRuntimeNameCurrent } from '../../shared/rules/workload-runtime-name-current.ts';
import { aKataPool, aPlainPool } from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

const says = (verdict: string) => ({ 'node-pool/kata1': verdict });
const named = (workloadRuntime: string) => ({ nodePools: observed([aKataPool({ workloadRuntime })]) });

testRule(workloadRuntimeNameCurrent, [
  { name: 'passes the current name', over: named('KataVmIsolation'), says: says('pass') },
  { name: 'leaves confidential pools to their own rule', over: named('KataCcIsolation'), says: says('pass') },
  {
    name: 'fails the preview name, with the pool that replaces it',
    over: named('KataMshvVmIsolation'),
    says: says('fail'),
    severity: 'low',
    remediation: /nodepool add .*--name kata12 .*--workload-runtime KataVmIsolation .*\naz aks nodepool delete .*--name kata1$/,
  },
  // Azure's names ignore case.
  { name: 'fails the preview name in another case', over: named('katamshvvmisolation'), says: says('fail') },
  ...['KataMshvVmIsolationX', 'KataXMshvVmIsolation'].map((name) => ({
    name: `passes the other name ${name}`,
    over: named(name),
    says: says('pass'),
    facts: { workloadRuntime: name },
  })),
  { name: 'cannot be judged without the pools', over: { nodePools: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  { name: 'ignores plain pools', over: { nodePools: observed([aPlainPool()]) }, says: {} },
]);
