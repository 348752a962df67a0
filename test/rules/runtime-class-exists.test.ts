import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { runtimeClassExists } from '../../shared/rules/runtime-class-exists.ts';
import { aPlainPodGroup, aPodGroup } from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

const ended = { pending: 0, running: 0, succeeded: 2, failed: 0, unknown: 0 };
const named = (runtimeClassName: string, oldestCreatedAt: string) => aPodGroup({ runtimeClassName, oldestCreatedAt });

testRule(runtimeClassExists, [
  { name: 'passes an existing class', says: { 'runtime-class/kata-vm-isolation': 'pass' }, facts: { pods: 2 } },
  {
    // kubernetes/enhancements#909, kata-containers#12207
    name: 'fails a deleted class with running pods',
    over: {
      workloads: observed([
        named('kata-mshv-vm-isolation', '2026-08-01T00:00:00Z'),
        aPodGroup({ runtimeClassName: 'kata-mshv-vm-isolation', ownerName: 'pay', pods: 1 }),
      ]),
    },
    says: { 'runtime-class/kata-mshv-vm-isolation': 'fail' },
    severity: 'high',
    message:
      /3 pods of 2 workloads name the RuntimeClass kata-mshv-vm-isolation, which was deleted: .*\(for example shop\/cart, shop\/pay\)/,
  },
  {
    name: 'is unknown for a class that was created during the scan',
    over: { workloads: observed([named('new', '2026-09-01T12:00:00Z')]) },
    says: { 'runtime-class/new': 'unknown' },
    message: /created after the classes were listed/,
  },
  { name: 'cannot be judged without the classes', over: { runtimeClasses: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  { name: 'ignores pods without a class', over: { workloads: observed([aPlainPodGroup()]) }, says: {} },
  {
    name: 'ignores finished pods',
    over: { workloads: observed([aPodGroup({ runtimeClassName: 'gone', phases: ended })]) },
    says: {},
  },
  {
    name: 'counts the pods and workloads that name it, and names a few',
    over: { workloads: observed(['a', 'b', 'c', 'd', 'e', 'f'].map((ownerName) => aPodGroup({ ownerName, runtimeClassName: 'gone' }))) },
    says: { 'runtime-class/gone': 'fail' },
    facts: { pods: 12, workloads: 6, examples: ['a', 'b', 'c', 'd', 'e', 'f'].slice(0, 5).map((name) => `shop/${name}`) },
  },
  {
    name: 'fails a deleted class with one running pod, also where another pod is newer than the list',
    over: {
      workloads: observed([
        aPodGroup({ runtimeClassName: 'gone', pods: 1 }),
        aPodGroup({ runtimeClassName: 'gone', pods: 7, oldestCreatedAt: '2026-09-01T12:00:01Z' }),
      ]),
    },
    says: { 'runtime-class/gone': 'fail' },
    message: /^1 pod of 1 workload names the RuntimeClass gone, which was deleted/,
  },
]);
