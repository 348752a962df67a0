import { expect, it } from 'vitest';
import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import { runtimeClassNameCurrent } from '../../shared/rules/runtime-class-name-current.ts';
import { aCluster, aPodGroup, aRuntimeClass } from '../support/a-snapshot.ts';
import { judge } from '../support/judge.ts';
import { testRule } from '../support/test-rule.ts';

const LEGACY = 'kata-mshv-vm-isolation';
const runtimeClasses = observed([aRuntimeClass({ name: LEGACY }), aRuntimeClass()]);
const says = (verdict: string) => ({ [`runtime-class/${LEGACY}`]: verdict });

testRule(runtimeClassNameCurrent, [
  { name: 'passes the preview class when no pod names it', over: { runtimeClasses }, says: says('pass') },
  {
    name: 'fails it when pods name it, and names their workloads',
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
    remediation: /The command changes one of them\.\naz .*\nkubectl patch .* -- deployments\.apps cart$/,
  },
  {
    name: 'gives no command that names a missing class',
    over: { runtimeClasses: observed([aRuntimeClass({ name: LEGACY })]), workloads: observed([aPodGroup({ runtimeClassName: LEGACY })]) },
    says: says('fail'),
    remediation: /^The RuntimeClass kata-vm-isolation does not exist\. [^\n]*$/,
  },
  {
    name: 'gives no command for pods that keep their class',
    over: { runtimeClasses, workloads: observed([aPodGroup({ ownerKind: 'Job', ownerName: 'nightly', runtimeClassName: LEGACY })]) },
    says: says('fail'),
    message: /1 workload still names it/,
    remediation: /in the pod templates\.$/,
  },
  {
    name: 'is unknown when the pods cannot be read',
    over: { runtimeClasses, workloads: unavailable('denied', 'Forbidden.') },
    says: says('unknown'),
  },
  {
    name: 'is unknown when not every pod was read',
    over: { runtimeClasses, workloads: observed([], { kind: 'truncated', message: 'Too many.' }) },
    says: says('unknown'),
  },
  { name: 'cannot be judged without the classes', over: { runtimeClasses: unavailable('denied', 'Forbidden.') }, says: 'unavailable' },
  { name: 'is empty without the preview class', says: {} },
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
    name: 'is unknown in a sample without pods that name it',
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
    name: 'is unknown after a targeted read without pods that name it',
    over: {
      runtimeClasses,
      workloads: observed([], { kind: 'targeted', namespaces: ['shop'], nodes: 1, totalNodes: 9, pods: 3, totalPods: 90 }),
    },
    says: says('unknown'),
  },
  {
    name: 'ignores a class with that name that starts no pod VM',
    over: { runtimeClasses: observed([aRuntimeClass({ name: LEGACY, handler: 'runc' })]) },
    says: {},
  },
  {
    name: 'counts the workloads that name it, and lists a few',
    over: {
      runtimeClasses,
      workloads: observed([
        ...['a', 'b', 'c', 'd', 'e', 'f'].map((ownerName) => aPodGroup({ ownerName, runtimeClassName: LEGACY })),
        aPodGroup(),
      ]),
    },
    says: says('fail'),
    facts: { workloads: 6, examples: ['a', 'b', 'c', 'd', 'e'].map((name) => `shop/${name}`) },
  },
  {
    name: 'gives no command that names a class that starts no pod VM',
    over: {
      runtimeClasses: observed([aRuntimeClass({ name: LEGACY }), aRuntimeClass({ handler: 'runc' })]),
      workloads: observed([aPodGroup({ runtimeClassName: LEGACY })]),
    },
    says: says('fail'),
    remediation: /^The RuntimeClass kata-vm-isolation does not exist/,
  },
  {
    name: 'gives the only command of a cluster that Azure does not know',
    over: {
      cluster: aCluster({ id: 'kubeconfig:shop' }),
      runtimeClasses,
      workloads: observed(['a', 'b'].map((ownerName) => aPodGroup({ ownerName, runtimeClassName: LEGACY }))),
    },
    says: says('fail'),
    remediation: /The command changes one of them\.\nkubectl patch .* -- deployments\.apps a$/,
  },
  {
    name: 'speaks of no command where several workloads keep their class',
    over: {
      runtimeClasses,
      workloads: observed(['a', 'b'].map((ownerName) => aPodGroup({ ownerKind: 'Job', ownerName, runtimeClassName: LEGACY }))),
    },
    says: says('fail'),
    remediation: /in the pod templates\.$/,
  },
]);

it.each([
  ['read', observed([]), undefined],
  ['read in part', observed([], { kind: 'truncated', message: 'Too many.' } as const), ['workload', 'runtime-class']],
  ['not read', unavailable('denied', 'No.'), ['workload', 'runtime-class']],
])('a class that is gone may still be named by pods, when these were %s', (_, workloads, unlisted) => {
  expect(judge(runtimeClassNameCurrent, { runtimeClasses: observed([]), workloads })).toMatchObject({
    judgements: [],
    ...(unlisted && { unlisted }),
  });
});
