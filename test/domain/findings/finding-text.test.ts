import { expect, it } from 'vitest';
import { coverageText, seenText, subjectLabel } from '../../../shared/domain/findings/finding-text.ts';
import { clusterText } from '../../../shared/domain/findings/summary.ts';
import { FULL } from '../../../shared/domain/snapshot/observation.ts';
import type { Subject } from '../../../shared/domain/snapshot/subject.ts';
import { aCluster } from '../../support/a-snapshot.ts';

it.each<[Subject, string]>([
  [{ kind: 'cluster' }, 'cluster'],
  [{ kind: 'node-pool', name: 'kata1' }, 'node pool kata1'],
  [{ kind: 'node', name: 'aks-1' }, 'node aks-1'],
  [{ kind: 'runtime-class', name: 'kata' }, 'runtime class kata'],
  [{ kind: 'workload', namespace: 'shop', ownerKind: 'Deployment', ownerName: 'cart' }, 'Deployment shop/cart'],
  [
    { kind: 'workload', namespace: 'shop', ownerKind: 'StatefulSet', ownerName: 'cart', ownerGroup: 'apps.kruise.io' },
    'StatefulSet.apps.kruise.io shop/cart',
  ],
])('%o is named %s', (subject, label) => expect(subjectLabel(subject)).toBe(label));

it('a finding states its coverage, and one about missing evidence states that', () => {
  expect(seenText({ ruleId: 'node-image-current', coverage: FULL })).toBe(coverageText(FULL));
  expect(seenText({ ruleId: 'cluster-assessed', coverage: FULL })).toMatch(/^Not everything could be read/);
  expect(coverageText({ kind: 'truncated', message: 'Too many.' })).toBe('Not everything was read: Too many.');
});

it('a sample states its size and its error bound, in percent with two digits', () => {
  const sample = { sampledNodes: 30, totalNodes: 900, sampledPods: 700, upperBound: 0.012345, confidence: 0.95, seed: 's' };
  expect(coverageText({ kind: 'sample', ...sample })).toBe(
    'A sample: 700 pods on 30 of 900 nodes; without a violation in it, at most 1.23 % of the nodes at 95 % confidence would have one.',
  );
});

it('a targeted read states whose pods were read, and what could not be', () => {
  const targeted = { kind: 'targeted', namespaces: ['pay', 'shop'], nodes: 3, totalNodes: 60, pods: 120, totalPods: 4000 } as const;
  expect(coverageText(targeted)).toBe(
    'Only the pods that the policy needs were read: 120 of about 4000, those of 2 namespaces (pay, shop), those on 3 of 60 nodes that may run Kata, and those on no node.',
  );
  const unread = [{ code: 'denied' as const, message: 'Pods of the namespace dev: No.' }];
  expect(coverageText({ ...targeted, namespaces: [], unread })).toMatch(
    /those of no namespace, .* and those on no node; not read: Pods of the namespace dev: No\.$/,
  );
});

it('a cluster is found by its names and tags in any case, and by a tag with its value', () => {
  const cluster = aCluster({ name: 'Prod', resourceGroup: 'RG', location: 'WestEurope', tags: { Team: 'Pay' } });
  expect(clusterText({ cluster })).toBe(['prod', 'rg', cluster.subscriptionId, 'westeurope', 'team', 'pay', 'team=pay'].join('\n'));
});
