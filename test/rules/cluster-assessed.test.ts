import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { clusterAssessed } from '../../shared/rules/cluster-assessed.ts';
import { aPodGroup } from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

const hidden = unavailable('denied', 'Forbidden to list pods.');

testRule(clusterAssessed, [
  { name: 'passes a cluster of which everything was seen', says: { cluster: 'pass' } },
  {
    name: 'fails a cluster of which a part was not, and says which and why',
    over: { workloads: hidden },
    says: { cluster: 'fail' },
    severity: 'high',
    message: /Could not look at workloads: Forbidden to list pods/,
  },
  {
    name: 'fails a cluster that could not be reached',
    over: { nodes: unavailable('unreachable', 'No way in.'), runtimeClasses: unavailable('unreachable', 'No way in.') },
    says: { cluster: 'fail' },
    message: /nodes, runtimeClasses/,
  },
  {
    name: 'fails a cluster whose pods were read in part',
    over: { workloads: observed([aPodGroup()], { kind: 'truncated', message: 'Too many pods.' }) },
    says: { cluster: 'fail' },
    message: /Too many pods/,
  },
  {
    name: 'says what failed even where other parts are off on purpose',
    over: { nodes: unavailable('stopped', 'The cluster is stopped.'), settings: hidden },
    says: { cluster: 'fail' },
  },
  {
    name: 'does not know without Azure',
    over: { settings: unavailable('no-azure-access', 'No Azure access.') },
    says: { cluster: 'unknown' },
  },
  {
    name: 'does not apply to a stopped cluster',
    over: { nodes: unavailable('stopped', 'The cluster is stopped.') },
    says: { cluster: 'not-applicable' },
  },
]);
