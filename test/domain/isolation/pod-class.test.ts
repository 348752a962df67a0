import { expect, it } from 'vitest';
import { AKS_KATA_CLASSES, withAksClasses } from '../../../shared/domain/isolation/aks-classes.ts';
import { hasProvenPods } from '../../../shared/domain/isolation/isolation-proof.ts';
import { isSandboxClass, isUncertain, podClassOf, uncertainty } from '../../../shared/domain/isolation/pod-class.ts';
import { observed } from '../../../shared/domain/snapshot/observation.ts';
import type { PodGroup } from '../../../shared/domain/snapshot/pod-group.ts';
import type { IsolationProof } from '../../../shared/domain/snapshot/snapshot.ts';
import { aKataNode, aPlainPodGroup, aPodGroup, aRuntimeClass, NOW } from '../../support/a-snapshot.ts';

const classes = [aRuntimeClass({ name: 'runc', handler: 'runc' }), aRuntimeClass()];
const gone = (over: Partial<PodGroup> = {}) => aPodGroup({ runtimeClassName: 'gone', ...over });

it.each<[string, PodGroup, string, boolean, boolean]>([
  ['that name no class', aPlainPodGroup(), 'none', false, false],
  ['of an existing class', aPodGroup(), 'resolved', true, false],
  ['of a class that starts no VM', aPodGroup({ runtimeClassName: 'runc' }), 'resolved', false, false],
  ['some of which are older than their class', aPodGroup({ olderThanClass: 1 }), 'resolved', true, false],
  ['that are all older than their class', aPodGroup({ olderThanClass: 2 }), 'resolved', true, true],
  ['from before the scan whose class is missing', gone({ oldestCreatedAt: '2026-09-01T11:59:59.999Z' }), 'gone', false, true],
  ['of unknown age whose class is missing', gone(), 'gone', false, true],
  ['created during the scan whose class is missing', gone({ oldestCreatedAt: NOW }), 'unseen', false, true],
])('the class of pods %s is: %o', (_, group, state, isSandboxed, isNotKnown) => {
  const podClass = podClassOf(group, classes, NOW);
  expect([podClass.state, isSandboxClass(podClass, []), isUncertain(group, podClass)]).toEqual([state, isSandboxed, isNotKnown]);
});

it('a class counts as a sandbox by a handler that the policy accepts', () => {
  const podClass = podClassOf(aPodGroup(), [aRuntimeClass({ handler: 'kata-qemu' })], NOW);
  expect([isSandboxClass(podClass, []), isSandboxClass(podClass, ['kata-q*'])]).toEqual([false, true]);
});

it('the reason why it is unknown what started pods depends on their class', () => {
  const of = (group: PodGroup) => uncertainty(group, podClassOf(group, classes, NOW));
  expect(of(gone())).toBe('the RuntimeClass gone was deleted while they ran');
  expect(of(gone({ oldestCreatedAt: NOW }))).toBe('the RuntimeClass gone was created after the classes were listed');
  expect(of(aPodGroup({ olderThanClass: 2 }))).toBe(
    'they are older than the RuntimeClass kata-vm-isolation, which was recreated under the same name',
  );
});

it('pods are proven by one of their readings that shows a separate kernel', () => {
  const { name: node, bootId: nodeBootId, kernelVersion: nodeKernel, nodeImageVersion = '' } = aKataNode();
  const { namespace, ownerKind, ownerName, runtimeClassName = '' } = aPodGroup();
  const at = NOW;
  const proof: IsolationProof = {
    ...{
      namespace,
      ownerKind,
      ownerName,
      runtimeClassName,
      node,
      nodeBootId,
      nodeKernel,
      nodeImageVersion,
      at,
      pod: 'cart-1',
      method: 'exec',
    },
    result: { state: 'read', bootId: 'own' },
  };
  const proven = (...proofs: readonly IsolationProof[]) =>
    hasProvenPods(aPodGroup(), { nodes: observed([aKataNode()]), isolationProofs: observed(proofs) });
  const shared: IsolationProof = { ...proof, result: { state: 'read', bootId: nodeBootId } };
  const other = { ...proof, ownerName: 'other' };
  expect([proven(), proven(shared), proven(other), proven(other, shared, proof)]).toEqual([false, false, false, true]);
});

it('the classes of AKS are added to those of a manifest, which have precedence', () => {
  const all = withAksClasses([aRuntimeClass({ name: 'mine' }), aRuntimeClass({ handler: 'other' })]);
  expect(all.map(({ name, handler, overheadMemory }) => [name, handler, overheadMemory])).toEqual([
    ['kata-vm-isolation', 'other', '600Mi'],
    ['kata-mshv-vm-isolation', 'kata', undefined],
    ['kata-cc-isolation', 'kata-cc', undefined],
    ['runc', 'runc', undefined],
    ['mine', 'kata', '600Mi'],
  ]);
  expect(withAksClasses([])[0]).toEqual(aRuntimeClass());
  expect(AKS_KATA_CLASSES).toEqual(all.slice(0, 3).map(({ name }) => name));
});
