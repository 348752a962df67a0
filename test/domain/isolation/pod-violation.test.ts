import { describe, expect, test } from 'vitest';
import { podViolations } from '../../../shared/domain/isolation/pod-violation.ts';
import { DEFAULT_POLICY, type Policy } from '../../../shared/domain/policy/policy.ts';
import { observed, unavailable } from '../../../shared/domain/snapshot/observation.ts';
import type { PodFeatures, PodGroup } from '../../../shared/domain/snapshot/pod-group.ts';

const CLASSES = [
  { name: 'kata-vm-isolation', handler: 'kata', nodeSelector: {} },
  { name: 'runc', handler: 'runc', nodeSelector: {} },
];
const NAMESPACES = observed([{ name: 'bank', labels: { 'kataudit.io/sandbox': 'required' } }]);
const FEATURES: PodFeatures = { hostPath: 0, hostNetwork: 0, hostPid: 0, hostIpc: 0, privileged: 0, noMemoryLimit: 0, noOverhead: 0 };

function group(change: Partial<PodGroup> = {}): PodGroup {
  return {
    namespace: 'shop',
    ownerKind: 'Deployment',
    ownerName: 'web',
    labels: {},
    pods: 1,
    phases: { pending: 0, running: 1, succeeded: 0, failed: 0, unknown: 0 },
    waiting: 0,
    placement: { unscheduled: 0, handlerListed: 1, handlerMissing: 0, unknown: 0, onKataNode: 1 },
    features: FEATURES,
    podsByNodePool: {},
    examples: [],
    ...change,
  };
}

const sandboxed = (change: Partial<PodGroup> = {}) => group({ runtimeClassName: 'kata-vm-isolation', ...change });
const violates = (one: PodGroup, rules: Policy['rules'] = {}) =>
  podViolations({ ...DEFAULT_POLICY, rules }, CLASSES, NAMESPACES)([group(), one]);

describe('pods of a sample', () => {
  test.each([
    ['of an ordinary workload', group()],
    ['in a correct sandbox', sandboxed()],
    ['in the sandbox that the policy requires', sandboxed({ namespace: 'bank' })],
    ['with a host path outside any sandbox', group({ features: { ...FEATURES, hostPath: 1 } })],
    ['that ended', group({ namespace: 'bank', phases: { pending: 0, running: 0, succeeded: 1, failed: 0, unknown: 0 } })],
  ])('%s have no violation', (_, one) => {
    expect(violates(one)).toBe(false);
  });

  test.each<[string, string, PodGroup]>([
    ['outside the sandbox that their namespace requires', 'workload-sandboxed', group({ namespace: 'bank' })],
    ['outside the sandbox that their labels require', 'workload-sandboxed', group({ labels: { 'kataudit.io/sandbox': 'required' } })],
    ['of a class that starts no pod VM', 'workload-sandboxed', group({ namespace: 'bank', runtimeClassName: 'runc' })],
    ['of a class that does not exist', 'workload-sandboxed', group({ namespace: 'bank', runtimeClassName: 'gone' })],
    [
      'on a node without their handler',
      'sandboxed-pod-on-kata-node',
      sandboxed({ placement: { unscheduled: 0, handlerListed: 0, handlerMissing: 1, unknown: 0, onKataNode: 0 } }),
    ],
    ...(
      [
        ['hostPath', 'sandboxed-pod-host-path'],
        ['hostPathClaims', 'sandboxed-pod-host-path'],
        ['hostNetwork', 'sandboxed-pod-host-namespaces'],
        ['hostPid', 'sandboxed-pod-host-namespaces'],
        ['hostIpc', 'sandboxed-pod-host-namespaces'],
        ['privileged', 'sandboxed-pod-privileged'],
        ['privilegedDebug', 'sandboxed-pod-privileged'],
        ['noMemoryLimit', 'sandboxed-pod-memory-limit'],
      ] as const
    ).map(
      ([feature, rule]) =>
        [`with ${feature}`, rule, sandboxed({ features: { ...FEATURES, [feature]: 1 } })] satisfies [string, string, PodGroup],
    ),
  ])('%s have a violation, unless the rule %s is off', (_, rule, one) => {
    expect(violates(one)).toBe(true);
    expect(violates(one, { [rule]: 'off' })).toBe(false);
  });

  test('have no violation when the classes could not be read', () => {
    const look = podViolations(DEFAULT_POLICY, undefined, NAMESPACES);
    expect(look([group({ namespace: 'bank' })])).toBe(false);
  });

  test('have no violation by labels that could not be read', () => {
    const look = podViolations(DEFAULT_POLICY, CLASSES, unavailable('denied', 'no'));
    expect(look([group({ namespace: 'bank' })])).toBe(false);
    expect(look([group({ labels: { 'kataudit.io/sandbox': 'required' } })])).toBe(true);
  });
});
