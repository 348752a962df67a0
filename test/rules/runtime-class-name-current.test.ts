import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { runtimeClassNameCurrent } from '../../shared/rules/runtime-class-name-current.ts';
import { aPodGroup, aRuntimeClass } from '../support/a-snapshot.ts';
import { testRule } from '../support/test-rule.ts';

const LEGACY = 'kata-mshv-vm-isolation';
const runtimeClasses = observed([aRuntimeClass({ name: LEGACY }), aRuntimeClass()]);
const says = (verdict: string) => ({ [`runtime-class/${LEGACY}`]: verdict });

testRule(runtimeClassNameCurrent, [
  { name: 'passes the class of the preview when nobody names it', over: { runtimeClasses }, says: says('pass') },
  {
    name: 'fails it when somebody does, and says who',
    over: { runtimeClasses, workloads: observed([aPodGroup({ runtimeClassName: LEGACY })]) },
    says: says('fail'),
    severity: 'low',
    message: /1 workload still names it \(for example shop\/cart\)/,
    remediation: /pod templates\.\naz .*\nkubectl patch .*--patch '.*runtimeClassName: kata-vm-isolation.*' -- deployments\.apps cart$/,
  },
  {
    name: 'gives the command for one of several, and says that there are others',
    over: {
      runtimeClasses,
      workloads: observed([
        aPodGroup({ ownerKind: 'Job', ownerName: 'nightly', runtimeClassName: LEGACY }),
        aPodGroup({ runtimeClassName: LEGACY }),
      ]),
    },
    says: says('fail'),
    message: /2 workloads still name it/,
    remediation: /for one of them\.\naz .*\nkubectl patch .* -- deployments\.apps cart$/,
  },
  {
    name: 'gives no command that names a class which is not there',
    over: { runtimeClasses: observed([aRuntimeClass({ name: LEGACY })]), workloads: observed([aPodGroup({ runtimeClassName: LEGACY })]) },
    says: says('fail'),
    remediation: /^The RuntimeClass kata-vm-isolation is not there: [^\n]*$/,
  },
  {
    name: 'gives no command for pods that keep their class',
    over: { runtimeClasses, workloads: observed([aPodGroup({ ownerKind: 'Job', ownerName: 'nightly', runtimeClassName: LEGACY })]) },
    says: says('fail'),
    message: /1 workload still names it/,
  },
  {
    name: 'does not know when the pods cannot be seen',
    over: { runtimeClasses, workloads: unavailable('denied', 'Forbidden.') },
    says: says('unknown'),
  },
  {
    name: 'does not know when not every pod was looked at',
    over: { runtimeClasses, workloads: observed([], { kind: 'truncated', message: 'Too many.' }) },
    says: says('unknown'),
  },
  { name: 'cannot be judged without the classes', over: { runtimeClasses: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  { name: 'says nothing where the class of the preview is not there', says: {} },
  {
    // AKS removes the class of the preview: pods that name it keep running, and cannot be created again.
    name: 'fails it when it was removed and pods still name it',
    over: { workloads: observed([aPodGroup({ runtimeClassName: LEGACY })]) },
    says: says('fail'),
    message: /1 workload still names it/,
  },
  {
    name: 'passes when only finished pods name it',
    over: {
      runtimeClasses,
      workloads: observed([
        aPodGroup({ runtimeClassName: LEGACY, phases: { pending: 0, running: 0, succeeded: 2, failed: 0, unknown: 0 } }),
      ]),
    },
    says: says('pass'),
  },
  {
    name: 'does not know it from a sample in which nobody names it',
    over: {
      runtimeClasses,
      workloads: observed([], {
        kind: 'sample',
        sampledNodes: 1,
        totalNodes: 9,
        sampledPods: 3,
        upperBound: 0.5,
        confidence: 0.95,
        seed: 's',
      }),
    },
    says: says('unknown'),
  },
  {
    name: 'says nothing of a class of that name which starts no pod VM',
    over: { runtimeClasses: observed([aRuntimeClass({ name: LEGACY, handler: 'runc' })]) },
    says: {},
  },
  {
    name: 'counts who names it, and names a few',
    over: {
      runtimeClasses,
      workloads: observed([
        ...['a', 'b', 'c', 'd', 'e', 'f'].map((ownerName) => aPodGroup({ ownerName, runtimeClassName: LEGACY })),
        aPodGroup(),
      ]),
    },
    says: says('fail'),
    facts: { workloads: 6 },
  },
  {
    name: 'gives no command that names a class of its name which starts no pod VM',
    over: {
      runtimeClasses: observed([aRuntimeClass({ name: LEGACY }), aRuntimeClass({ handler: 'runc' })]),
      workloads: observed([aPodGroup({ runtimeClassName: LEGACY })]),
    },
    says: says('fail'),
    remediation: /^The RuntimeClass kata-vm-isolation is not there/,
  },
]);
