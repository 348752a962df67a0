import { describe, expect, it } from 'vitest';
import { isolationReport } from '../../../shared/domain/isolation/isolation-report.ts';
import { isolationOf, isolationOfPools, isolationOfWorkloads } from '../../../shared/domain/isolation/isolation-step.ts';
import { observed, unavailable } from '../../../shared/domain/snapshot/observation.ts';
import type { PodGroup } from '../../../shared/domain/snapshot/pod-group.ts';
import type { ClusterSnapshot, IsolationProof, KubernetesNode } from '../../../shared/domain/snapshot/snapshot.ts';
import { anExecProof } from '../../support/a-proof.ts';
import {
  aKataNode,
  aKataPool,
  aPlainNode,
  aPlainPodGroup,
  aPlainPool,
  aPodGroup,
  aRuntimeClass,
  aSnapshot,
} from '../../support/a-snapshot.ts';

const NODE = aKataNode();
const OWN = 'c0071d00-0000-4000-8000-00000000000f';
const { nodeImageVersion: _, ...imageless } = NODE;
const { runtimeHandlers: __, ...old } = NODE;
const { overheadMemory: ___, ...bare } = aRuntimeClass();
const FEATURES = aPodGroup().features;
const PLACEMENT = aPodGroup().placement;

const aProof = (over: Partial<IsolationProof> = {}) => anExecProof({ result: { state: 'read', bootId: OWN }, ...over });
const canary = (over: Partial<IsolationProof> = {}) => aProof({ method: 'canary', namespace: 'kataudit', ownerKind: 'Canary', ...over });
const { runtimeClassName: ____, ...control } = canary({ ownerName: 'runc' });
const proofs = (...given: readonly IsolationProof[]) => ({ isolationProofs: observed(given) });
const nodes = (...given: readonly KubernetesNode[]) => ({ nodes: observed([aPlainNode(), ...given]) });
const dark = unavailable('denied', 'May not list.');
const ofHandler = (handler: string) => ({ runtimeClasses: observed([aRuntimeClass({ handler })]) });
const CORDONED: KubernetesNode = { ...NODE, unschedulable: true };
const TAINT = { key: 'sandbox', value: 'kata', effect: 'NoSchedule' };
const ACCEPTED = { ...ofHandler('kata-qemu'), ...nodes({ ...NODE, runtimeHandlers: ['kata-qemu'] }), acceptedHandlers: ['kata-qemu'] };
const HALF = { runtimeClasses: observed([aRuntimeClass({ nodeSelector: { ...aRuntimeClass().nodeSelector, zone: '1' } })]) };
/** A second Kata node, without the label that its class selects by. */
const OFF = { ...NODE, name: 'aks-kata1-1', labels: {} };

/** The steps of the workload and of the pool of one cluster, each with its reason. */
function steps(over: Partial<ClusterSnapshot>, group: PodGroup = aPodGroup()) {
  const snapshot = aSnapshot({ workloads: observed([group]), ...over });
  const pool = isolationOfPools(snapshot).find(({ nodePool }) => nodePool === 'kata1')?.evidence;
  return { workload: isolationOf(group, snapshot), pool };
}

describe('the step of a workload', () => {
  it.each<[string, string, Partial<ClusterSnapshot>, PodGroup, RegExp]>([
    ['names no class', 'none', {}, aPlainPodGroup(), /no RuntimeClass/],
    ['has everything but a probe', 'resolved', {}, aPodGroup(), /^Not probed: The isolation probe is off\.$/],
    ['was not in the sample', 'resolved', proofs(), aPodGroup(), /^Not probed yet\.$/],
    [
      'could not be read',
      'resolved',
      proofs(aProof({ result: { state: 'unknown', reason: 'No tool.' } })),
      aPodGroup(),
      /could not read it: No tool\./,
    ],
    [
      'names a class that does not exist',
      'declared',
      {},
      aPodGroup({ runtimeClassName: 'gone' }),
      /the RuntimeClass gone was deleted while they ran/,
    ],
    [
      'names a class with the handler runc',
      'declared',
      {},
      aPodGroup({ runtimeClassName: 'runc' }),
      /handler runc, which starts no pod VM/,
    ],
    ['names a class of a VM without support', 'declared', ofHandler('kata-qemu'), aPodGroup(), /a VM type that AKS does not support/],
    ['names a class of a strange handler', 'declared', ofHandler('runsc'), aPodGroup(), /whether that handler starts a pod VM is unknown/],
    [
      'names a class that the policy accepts',
      'resolved',
      { ...ofHandler('kata-qemu'), ...nodes({ ...imageless, runtimeHandlers: ['kata-qemu'] }), acceptedHandlers: ['kata-q*'] },
      aPodGroup(),
      /^Not probed: .* Its handler is not from AKS/,
    ],
    [
      'has pods older than its class beside newer ones',
      'declared',
      {},
      aPodGroup({ olderThanClass: 1 }),
      /It is unknown what started 1 of 2 pods/,
    ],
    [
      'has only pods older than its class',
      'declared',
      {},
      aPodGroup({ olderThanClass: 2 }),
      /^It is unknown what started the pods: they are/,
    ],
    ['classes could not be read', 'declared', { runtimeClasses: dark }, aPodGroup(), /RuntimeClasses could not be read/],
    ['nodes could not be read', 'declared', { nodes: dark }, aPodGroup(), /nodes could not be read/],
    [
      'has a pod on a node without the handler',
      'declared',
      {},
      aPodGroup({ placement: { ...PLACEMENT, handlerMissing: 1 } }),
      /1 pods run on nodes/,
    ],
    ['has a pod on an unknown node', 'declared', {}, aPodGroup({ placement: { ...PLACEMENT, unknown: 1 } }), /1 pods are unknown/],
    ['has no node yet', 'declared', {}, aPodGroup({ placement: { ...PLACEMENT, handlerListed: 0 } }), /No pod of this workload runs/],
    [
      'only waits',
      'declared',
      {},
      aPodGroup({ phases: { ...aPodGroup().phases, pending: 2, running: 0 } }),
      /No pod of this workload runs/,
    ],
    [
      'sits on a node that does not list the handler',
      'declared',
      nodes({ ...NODE, runtimeHandlers: ['', 'runc'] }),
      aPodGroup(),
      /^The node aks-kata1-0 does not show that it has the handler kata\.$/,
    ],
    [
      'may sit on a second node, which is off the selector',
      'declared',
      nodes(NODE, OFF),
      aPodGroup(),
      /aks-kata1-1 does not match the node/,
    ],
    ['sits on one node, whatever the second one is', 'resolved', nodes(NODE, OFF), aPodGroup({ pods: 1 }), /^Not probed/],
    ['sits on one node, which is off the selector', 'declared', nodes({ ...NODE, labels: {} }), aPodGroup({ pods: 1 }), /does not match/],
    ['sits in one pool, whatever another one is', 'resolved', nodes(NODE, { ...OFF, nodePool: 'kata2' }), aPodGroup(), /^Not probed/],
    ['cannot sit on a plain node of its pool', 'resolved', nodes(NODE, { ...OFF, runtimeHandlers: [''] }), aPodGroup(), /^Not probed/],
    ['has a pod without the selector', 'declared', {}, aPodGroup({ selectorMissing: 1 }), /1 pods lack the node selector/],
    ['has a pod without overhead', 'declared', {}, aPodGroup({ features: { ...FEATURES, noOverhead: 1 } }), /1 pods have no overhead/],
    [
      'has a class without a selector',
      'declared',
      { runtimeClasses: observed([aRuntimeClass({ nodeSelector: {} })]) },
      aPodGroup(),
      /no node selector/,
    ],
    ['sits on a node that matches half of the selector', 'declared', HALF, aPodGroup(), /does not match the node selector/],
    [
      'is on a node that the selector does not match',
      'declared',
      nodes({ ...NODE, labels: {} }),
      aPodGroup(),
      /does not match the node selector/,
    ],
    ['is on a node without a known image', 'declared', nodes(imageless), aPodGroup(), /image of the node aks-kata1-0 is unknown/],
    [
      'is on a node with an unreadable image',
      'declared',
      nodes({ ...NODE, nodeImageVersion: 'mine' }),
      aPodGroup(),
      /has an unknown format/,
    ],
    [
      'is on a node with a plain image',
      'declared',
      nodes({ ...NODE, nodeImageVersion: 'AKSAzureLinux-V3gen2-202608.20.0' }),
      aPodGroup(),
      /is not a Kata image/,
    ],
    [
      'is on a node with a kernel that is not of its image',
      'declared',
      nodes({ ...NODE, kernelVersion: '6.6.150.1-1.azl3' }),
      aPodGroup(),
      /runs the kernel 6\.6\.150\.1-1\.azl3, and its image .* came with 6\.6\.137\.mshv2-2\.azl3/,
    ],
    [
      'is on a node with an unknown image',
      'resolved',
      nodes({ ...NODE, nodeImageVersion: 'AKSAzureLinux-V3katagen2-202701.01.0', kernelVersion: '7' }),
      aPodGroup(),
      /202701\.01\.0 is unknown: its kernel was not compared/,
    ],
    [
      'is on an old node with only the image',
      'declared',
      {
        ...nodes({ ...old, labels: { agentpool: 'kata1' } }),
        runtimeClasses: observed([aRuntimeClass({ nodeSelector: { agentpool: 'kata1' } })]),
      },
      aPodGroup(),
      /too old to list its handlers, and has no label of a Kata node/,
    ],
  ])('that %s is %s', (_name, step, over, group, reason) => {
    expect(steps(over, group).workload).toEqual({ step, reason: expect.stringMatching(reason) });
  });

  it.each<[string, string, Partial<ClusterSnapshot>, RegExp]>([
    [
      'shows its own boot id',
      'proven',
      proofs(aProof(), aProof({ pod: 'cart-2', at: '2026-09-01T13:00:00.000Z' })),
      /^2 probes of 2 pods \(exec, 2026-09-01T13:00:00\.000Z\) showed a boot id that is not the node’s/,
    ],
    [
      'shows the boot id of its node',
      'disproved',
      proofs(aProof({ result: { state: 'read', bootId: NODE.bootId.toUpperCase() } })),
      /one kernel/,
    ],
    ['shows both', 'disproved', proofs(aProof(), aProof({ pod: 'cart-2', result: { state: 'read', bootId: NODE.bootId } })), /^1 probe /],
    [
      'shows its own, whose image has two equal kernels',
      'proven',
      {
        ...nodes({ ...NODE, nodeImageVersion: 'AKSAzureLinux-V3katagen2-202605.27.0', kernelVersion: '6.6.137.mshv1-1.azl3' }),
        ...proofs(
          aProof({
            nodeImageVersion: 'AKSAzureLinux-V3katagen2-202605.27.0',
            result: { state: 'read', bootId: OWN, kernel: '6.6.137.mshv1-1.azl3' },
          }),
        ),
      },
      /kernel of its own\.$/,
    ],
    [
      'was compared with a node that tells no boot id',
      'resolved',
      { ...nodes({ ...NODE, bootId: '' }), ...proofs(aProof({ nodeBootId: '' })) },
      /proves nothing/,
    ],
    ['returned an empty boot id', 'resolved', proofs(aProof({ result: { state: 'read', bootId: '' } })), /proves nothing/],
    [
      'was read before its node restarted',
      'resolved',
      proofs(aProof({ nodeBootId: 'b0071d00-0000-4000-8000-000000000002' })),
      /proves nothing/,
    ],
    [
      'was read with another node image',
      'resolved',
      proofs(aProof({ nodeImageVersion: 'AKSAzureLinux-V3katagen2-202607.02.0' })),
      /proves nothing/,
    ],
    ['was read on a deleted node', 'resolved', proofs(aProof({ node: 'gone' })), /proves nothing/],
    ['was read where a plain pod also shows another boot id', 'resolved', proofs(aProof(), control), /proves nothing/],
    [
      'was read where a plain pod shares the kernel',
      'proven',
      proofs(aProof(), { ...control, result: { state: 'read', bootId: NODE.bootId } }),
      /kernel of its own/,
    ],
    ['is of another workload', 'resolved', proofs(aProof({ ownerName: 'other' })), /Not probed yet/],
    ['is of another namespace', 'resolved', proofs(aProof({ namespace: 'other' })), /Not probed yet/],
    ['is of another kind', 'resolved', proofs(aProof({ ownerKind: 'StatefulSet' })), /Not probed yet/],
    ['is of another group', 'resolved', proofs(aProof({ ownerGroup: 'apps.kruise.io' })), /Not probed yet/],
    ['is of another class', 'resolved', proofs(aProof({ runtimeClassName: 'kata-cc-isolation' })), /Not probed yet/],
    ['was compared in another case', 'proven', proofs(aProof({ nodeBootId: NODE.bootId.toUpperCase() })), /kernel of its own/],
    [
      'was read where a strange plain pod is on another node',
      'proven',
      proofs(aProof(), { ...control, node: 'aks-system-0' }),
      /kernel of its own/,
    ],
    [
      'shows its own, although the image is in doubt',
      'proven',
      { ...nodes(imageless), ...proofs((({ nodeImageVersion: _image, ...rest }) => rest)(aProof())) },
      /kernel of its own\. The image of the node aks-kata1-0 is unknown\.$/,
    ],
  ])('whose pod %s is %s', (_name, step, over, reason) => {
    expect(steps(over).workload).toEqual({ step, reason: expect.stringMatching(reason) });
  });

  it('is proven by a pod that started before its class, and stays in doubt', () => {
    const { step, reason } = steps(proofs(aProof()), aPodGroup({ olderThanClass: 2 })).workload;
    expect([step, reason]).toEqual(['proven', expect.stringMatching(/kernel of its own\. It is unknown what started the pods/)]);
  });

  it('is not proven by a canary, not even when the kind of its owner is Canary', () => {
    const group = aPodGroup({ namespace: 'kataudit', ownerKind: 'Canary', ownerName: 'cart' });
    expect(steps(proofs(canary()), group).workload.step).toBe('resolved');
  });
});

describe('the step of a Kata pool', () => {
  const classes = (...given: readonly ReturnType<typeof aRuntimeClass>[]) => ({ runtimeClasses: observed(given) });
  it.each<[string, string, Partial<ClusterSnapshot>, RegExp]>([
    ['has everything but a probe', 'resolved', {}, /^Not probed: /],
    [
      'was proven by a canary',
      'proven',
      proofs(canary(), { ...control, result: { state: 'read', bootId: NODE.bootId } }),
      /^1 probe on 1 nodes \(canary/,
    ],
    ['was proven by one of its pods', 'proven', proofs(aProof()), /exec/],
    ['was disproved', 'disproved', proofs(canary({ result: { state: 'read', bootId: NODE.bootId } })), /one kernel/],
    ['has a control that also shows another boot id', 'resolved', proofs(canary(), control), /proves nothing/],
    ['has only a control', 'resolved', proofs({ ...control, result: { state: 'read', bootId: NODE.bootId } }), /Not probed yet/],
    ['nodes could not be read', 'declared', { nodes: dark }, /nodes could not be read/],
    ['has no node', 'declared', { nodes: observed([aPlainNode()]) }, /no node/],
    ['has no ready node', 'declared', nodes({ ...NODE, ready: false }), /No node of the pool is ready/],
    ['has a node without the handler', 'declared', nodes({ ...NODE, runtimeHandlers: ['', 'runc'] }), /does not list the handler kata/],
    [
      'has one good and one bad node',
      'declared',
      nodes(NODE, { ...NODE, name: 'aks-kata1-1', runtimeHandlers: [''] }),
      /aks-kata1-1 does not list/,
    ],
    ['has no class', 'declared', classes(aRuntimeClass({ handler: 'runc' })), /No RuntimeClass/],
    ['classes could not be read', 'declared', { runtimeClasses: dark }, /RuntimeClasses could not be read/],
    ['has a class without overhead', 'declared', classes(bare), /defines no overhead/],
    ['has a class without a selector', 'declared', classes(aRuntimeClass({ nodeSelector: {} })), /no node selector/],
    ['matches half of the selector of its class', 'declared', HALF, /does not match/],
    ['is closed and has no class that fits', 'declared', { ...nodes(CORDONED), ...ofHandler('kata-preview') }, /does not list the handler/],
    ['is not matched by the selector of its class', 'declared', nodes({ ...NODE, labels: {} }), /does not match/],
    [
      'has a good class and a bad one',
      'resolved',
      classes(aRuntimeClass({ name: 'a', nodeSelector: {} }), aRuntimeClass()),
      /^Not probed: /,
    ],
    [
      'has an image that is not for Kata',
      'declared',
      nodes({ ...NODE, nodeImageVersion: 'AKSAzureLinux-V3gen2-202608.20.0' }),
      /is not a Kata image/,
    ],
    ['has old nodes', 'resolved', nodes(old), /Judged by label and image/],
    ['has only cordoned nodes', 'declared', nodes(CORDONED), /^No node of the pool accepts new pods: cordoned\.$/],
    [
      'has nodes that are closed for two reasons',
      'declared',
      nodes(CORDONED, { ...NODE, taints: [TAINT] }, { ...NODE, taints: [TAINT] }),
      /: cordoned and tainted\.$/,
    ],
    ['has an open node beside a cordoned one', 'resolved', nodes(CORDONED, NODE), /^Not probed: /],
    [
      'has a taint that its class tolerates',
      'resolved',
      { ...nodes({ ...NODE, taints: [TAINT] }), ...classes(aRuntimeClass({ tolerations: [{ ...TAINT, operator: 'Equal' }] })) },
      /^Not probed: /,
    ],
    ['is closed and off the selector', 'declared', nodes({ ...CORDONED, labels: {} }), /^The node aks-kata1-0 does not match/],
    [
      'was proven and closed since',
      'proven',
      { ...nodes(CORDONED), ...proofs(canary()) },
      /kernel of its own\. No node of the pool accepts/,
    ],
    [
      'was disproved on a node that is gone',
      'disproved',
      proofs(canary({ node: 'gone', result: { state: 'read', bootId: NODE.bootId } })),
      /one kernel/,
    ],
    [
      'was disproved by a pod that does not tell its pool',
      'disproved',
      proofs((({ nodePool: _pool, ...rest }) => rest)(aProof({ result: { state: 'read', bootId: NODE.bootId } }))),
      /one kernel/,
    ],
    [
      'was disproved on another pool alone',
      'resolved',
      proofs(canary({ node: 'aks-kata2-0', nodePool: 'kata2', result: { state: 'read', bootId: NODE.bootId } })),
      /Not probed yet/,
    ],
    [
      'was probed twice in two ways',
      'proven',
      proofs(aProof({ at: '2026-09-01T13:00:00.000Z' }), canary(), canary()),
      /^3 probes on 1 nodes \(exec and canary, 2026-09-01T13:00:00\.000Z\)/,
    ],
    [
      'has two classes, of which one has no node',
      'resolved',
      classes(aRuntimeClass({ name: 'a', handler: 'kata-preview' }), aRuntimeClass()),
      /^Not/,
    ],
    [
      'has a class without selector beside one without nodes',
      'declared',
      classes(aRuntimeClass({ name: 'a', handler: 'kata-preview' }), aRuntimeClass({ nodeSelector: {} })),
      /no node selector/,
    ],
    ['has a class that only the policy accepts', 'resolved', ACCEPTED, /Its handler is not from AKS/],
  ])('that %s is %s', (_name, step, over, reason) => {
    expect(steps(over).pool).toEqual({ step, reason: expect.stringMatching(reason) });
  });

  it('is reported for the pools that Azure lists and those that their nodes show, and for no plain pool', () => {
    const snapshot = aSnapshot({ nodePools: observed([aPlainPool(), aKataPool({ name: 'empty' })]) });
    expect(isolationOfPools(snapshot).map(({ nodePool }) => nodePool)).toEqual(['empty', 'kata1']);
    expect(isolationOfPools(aSnapshot({ nodePools: dark, nodes: dark }))).toEqual([]);
    const { nodePool: _pool, ...loose } = NODE;
    const nap = { ...loose, labels: { ...NODE.labels, 'karpenter.sh/nodepool': 'nap' } };
    expect(isolationOfPools(aSnapshot({ ...ACCEPTED, nodePools: dark })).map(({ nodePool }) => nodePool)).toEqual(['kata1']);
    expect(isolationOfPools(aSnapshot(nodes(nap, loose))).map(({ nodePool }) => nodePool)).toEqual(['-', 'kata1', 'nap']);
  });
});

describe('the workloads that have a step', () => {
  it('are active ones that request a pod VM, or an unknown class', () => {
    const ended = { pending: 0, running: 0, succeeded: 2, failed: 0, unknown: 0 };
    const groups = [
      aPodGroup(),
      aPlainPodGroup(),
      aPodGroup({ ownerName: 'runc', runtimeClassName: 'runc' }),
      aPodGroup({ ownerName: 'gone', runtimeClassName: 'gone' }),
      aPodGroup({ ownerName: 'ended', phases: ended }),
    ];
    const named = (over: Partial<ClusterSnapshot>) => isolationOfWorkloads(aSnapshot(over)).map(({ group }) => group.ownerName);
    expect(named({ workloads: observed(groups) })).toEqual(['cart', 'gone']);
    expect(named({ workloads: observed(groups), runtimeClasses: dark })).toEqual(['cart', 'runc', 'gone']);
    expect(named({ workloads: observed(groups), acceptedHandlers: ['runc', 'kata*'] })).toEqual(['cart', 'gone']);
    expect(named({ ...ofHandler('kata-qemu'), workloads: observed([aPodGroup()]) })).toEqual([]);
    expect(named({ ...ofHandler('kata-qemu'), workloads: observed([aPodGroup()]), acceptedHandlers: ['kata-q*'] })).toEqual(['cart']);
    expect(named({ workloads: dark })).toEqual([]);
  });

  it('are reported with what shares a kernel first, then by how little is shown, as many as fit', () => {
    const groups = [
      aPodGroup({ ownerName: 'proven', ownerGroup: 'apps.kruise.io', pods: 1 }),
      aPodGroup({ ownerName: 'shared' }),
      aPodGroup({ ownerName: 'first' }),
      aPodGroup({ ownerName: 'second' }),
      aPodGroup({ ownerName: 'gone', runtimeClassName: 'gone' }),
    ];
    const snapshot = aSnapshot({
      workloads: observed(groups),
      ...proofs(
        aProof({ ownerName: 'proven', ownerGroup: 'apps.kruise.io' }),
        aProof({ ownerName: 'shared', result: { state: 'read', bootId: NODE.bootId } }),
      ),
    });
    const report = isolationReport(snapshot);
    expect(report.workloads.map(({ ownerName, step }) => `${ownerName} ${step}`)).toEqual([
      'shared disproved',
      'gone declared',
      'first resolved',
      'second resolved',
      'proven proven',
    ]);
    expect(report.workloads.at(-1)).toMatchObject({
      namespace: 'shop',
      ownerGroup: 'apps.kruise.io',
      runtimeClassName: 'kata-vm-isolation',
      pods: 1,
    });
    expect(report.nodePools).toMatchObject([{ nodePool: 'kata1', step: 'disproved' }]);
    expect(report).toMatchObject({ observedAt: snapshot.observedAt, moreWorkloads: 0 });
    const cut = isolationReport(snapshot, 2);
    expect([cut.workloads.map(({ ownerName }) => ownerName), cut.moreWorkloads]).toEqual([['shared', 'gone'], 3]);
  });
});
