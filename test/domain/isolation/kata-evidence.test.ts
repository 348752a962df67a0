import { describe, expect, it } from 'vitest';
import {
  hasKataLabel,
  isAksManaged,
  isKataPool,
  isRolling,
  isStopped,
  kataLabels,
  looksLikeKata,
  nodesOutside,
} from '../../../shared/domain/isolation/kata-evidence.ts';
import { observed, unavailable } from '../../../shared/domain/snapshot/observation.ts';
import { aKataNode, aKataPool } from '../../support/a-snapshot.ts';

it.each([
  ['the current label', { 'kubernetes.azure.com/kata-vm-isolation': 'true' }, true],
  ['the label of the preview', { 'kubernetes.azure.com/kata-mshv-vm-isolation': 'true' }, true],
  ['the label of confidential nodes', { 'kubernetes.azure.com/kata-cc-isolation': 'true' }, true],
  ['a label that says no', { 'kubernetes.azure.com/kata-vm-isolation': 'false' }, false],
  ['no label', {}, false],
])('a node with %s is labelled as a Kata node: %o, %s', (_, labels, expected) => {
  expect(hasKataLabel(aKataNode({ labels }))).toBe(expected);
});

it.each([
  ['Stopped', true],
  ['stopped', true],
  ['Running', false],
  [undefined, false],
])('a pool in the power state %s is stopped: %s', (powerState, expected) => {
  expect(isStopped(powerState === undefined ? {} : { powerState })).toBe(expected);
});

it.each([
  [{ provisioningState: 'UpgradingNodeImageVersion' }, true],
  [{ provisioningState: 'upgrading' }, true],
  [{ provisioningState: 'Succeeded', inTransition: true }, true],
  [{ provisioningState: 'Succeeded' }, false],
  [{}, false],
])('a pool with %o is rolling: %s', (pool, expected) => expect(isRolling(pool)).toBe(expected));

it.each([
  ['ManagedSystem', true],
  ['managedsystem', true],
  ['System', false],
  ['User', false],
  [undefined, false],
])('a pool of the mode %s is AKS’s own: %s', (mode, expected) => expect(isAksManaged(mode === undefined ? {} : { mode })).toBe(expected));

it.each([
  ['KataVmIsolation', true],
  ['KATAMSHVVMISOLATION', true],
  ['KataCcIsolation', true],
  ['OCIContainer', false],
  ['NoKata', false],
  [undefined, false],
])('a pool of the workload runtime %s is one for Kata: %s', (workloadRuntime, expected) => {
  expect(isKataPool(workloadRuntime === undefined ? {} : { workloadRuntime })).toBe(expected);
});

it('all labels of AKS for Kata that a node has are named', () => {
  const labels = { 'kubernetes.azure.com/kata-vm-isolation': 'true', 'kubernetes.azure.com/kata-mshv-vm-isolation': 'true', kata: 'true' };
  expect(kataLabels(aKataNode({ labels })).toSorted()).toEqual(Object.keys(labels).slice(0, 2).toSorted());
});

it('a name makes people believe in a sandbox when it holds the word, in any case', () => {
  expect(['my-KATA-class', 'gvisor'].map(looksLikeKata)).toEqual([true, false]);
});

describe('nodes outside the listed pools', () => {
  const outside = (...nodes: Parameters<typeof aKataNode>[0][]) =>
    nodesOutside([aKataPool({ name: 'Kata1' })], observed(nodes.map((node) => aKataNode(node)))).map(({ name }) => name);

  it('are those without a pool, of a pool that is not listed, and of node auto provisioning', () => {
    expect(
      outside(
        { name: 'own', nodePool: 'kata1' },
        { name: 'ghost', nodePool: 'ghost' },
        { name: 'other case', nodePool: 'KATA1' },
        { name: 'nap', nodePool: 'kata1', provisioner: 'karpenter' },
        { name: 'aci', nodePool: 'other', labels: { type: 'virtual-kubelet' } },
      ),
    ).toEqual(['ghost', 'nap']);
  });

  it('are unknown when the nodes could not be read', () => {
    expect(nodesOutside([], unavailable('denied', 'no'))).toEqual([]);
  });
});
