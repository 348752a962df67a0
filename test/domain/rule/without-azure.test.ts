import { describe, expect, it } from 'vitest';
import { observed, unavailable } from '../../../shared/domain/snapshot/observation.ts';
import type { KubernetesNode } from '../../../shared/domain/snapshot/snapshot.ts';
import { kataKubernetesVersion } from '../../../shared/rules/kata-kubernetes-version.ts';
import { kataPoolHealthy } from '../../../shared/rules/kata-pool-healthy.ts';
import { kataPoolImage } from '../../../shared/rules/kata-pool-image.ts';
import { kataPoolPresent } from '../../../shared/rules/kata-pool-present.ts';
import { kataPoolUsed } from '../../../shared/rules/kata-pool-used.ts';
import { nodeImageConsistent } from '../../../shared/rules/node-image-consistent.ts';
import { nodeImageCurrent } from '../../../shared/rules/node-image-current.ts';
import { nodeImageSupported } from '../../../shared/rules/node-image-supported.ts';
import { aKataNode, aPlainNode } from '../../support/a-snapshot.ts';
import { judge, judgements, verdicts } from '../../support/judge.ts';

const noAzure = unavailable('no-azure-access', 'Read from a kubeconfig: no Azure access.');
const alone = (...nodes: readonly KubernetesNode[]) => ({
  settings: noAzure,
  nodePools: noAzure,
  latestImages: noAzure,
  nodes: observed(nodes),
});
const OLD = 'AKSAzureLinux-V3katagen2-202601.27.0';
const PREVIOUS = 'AKSAzureLinux-V3katagen2-202608.14.0';
const { nodeImageVersion: _, ...unnamed } = aKataNode({ labels: {} });
const elsewhere: KubernetesNode = unnamed;
const ORDINARY = {
  nodeImageVersion: 'AKSUbuntu-2204gen2containerd-202608.20.0',
  runtimeHandlers: ['', 'runc'],
  kernelVersion: '5.15.0-1101-azure',
};
const kata = (over: Partial<KubernetesNode> = {}) => aKataNode(over);

describe('an audit with only a kubeconfig', () => {
  it.each([
    ['current', kata(), 'pass'],
    ['older than 90 days', kata({ nodeImageVersion: OLD }), 'fail'],
    ['with an unreadable name', kata({ nodeImageVersion: 'mine' }), 'unknown'],
    ['unnamed, on a node that is not from AKS', elsewhere, 'not-applicable'],
    ['unnamed, on a node with a label of AKS', { ...elsewhere, labels: { 'kubernetes.azure.com/os-sku': 'AzureLinux' } }, 'unknown'],
    [
      'unnamed, on a node with a label that only mentions AKS',
      { ...elsewhere, labels: { 'x/kubernetes.azure.com/': '' } },
      'not-applicable',
    ],
    ['named, on a node without a label of AKS', kata({ labels: {} }), 'pass'],
  ])('judges by the nodes whether an image is supported: %s', (__, node, verdict) => {
    expect(verdicts(judge(nodeImageSupported, alone(node)))).toEqual({ [`node/${node.name}`]: verdict });
  });

  it('does not judge the image of a virtual node, which has none', () => {
    const virtual: KubernetesNode = { ...unnamed, labels: { type: 'virtual-kubelet', 'kubernetes.azure.com/managed': 'false' } };
    expect(verdicts(judge(nodeImageSupported, alone(virtual)))).toEqual({});
  });

  it('reports that an image family is no longer supported', () => {
    const node = kata({ nodeImageVersion: 'AKSAzureLinux-V2katagen2-202509.05.0' });
    expect(judgements(judge(nodeImageSupported, alone(node)))).toMatchObject([
      { verdict: 'fail', message: expect.stringContaining('has ended') },
    ]);
  });

  it('does not know the newest image unless an image file contains it', () => {
    const node = kata({ nodeImageVersion: OLD });
    expect(judgements(judge(nodeImageCurrent, alone(node)))).toMatchObject([{ verdict: 'unknown', reason: 'no-azure-access' }]);
    const knownImages = { kernels: [], newest: [PREVIOUS] };
    const [told] = judgements(judge(nodeImageCurrent, { ...alone(node), knownImages }));
    expect(told).toMatchObject({ verdict: 'fail', subject: { name: node.name } });
    expect(told).not.toHaveProperty('reason');
  });

  it.each<[string, KubernetesNode]>([
    ['an unreadable name', kata({ nodeImageVersion: 'mine' })],
    ['no name', { ...elsewhere, labels: { 'kubernetes.azure.com/os-sku': 'AzureLinux' } }],
  ])('does not say that only Azure knows the newest image of an image with %s', (_case, node) => {
    const [judged] = judgements(judge(nodeImageCurrent, alone(node)));
    expect(judged?.verdict).toBe('unknown');
    expect(judged).not.toHaveProperty('reason');
  });

  it.each<[string, readonly KubernetesNode[], string]>([
    ['one image', [kata({ name: 'a' }), kata({ name: 'b' })], 'pass'],
    [
      'one release at two patch levels',
      [kata({ name: 'a' }), kata({ name: 'b', nodeImageVersion: `${kata().nodeImageVersion}-2026.08.25` })],
      'pass',
    ],
    ['two releases', [kata({ name: 'a' }), kata({ name: 'b', nodeImageVersion: PREVIOUS })], 'fail'],
    ['two releases beside an unknown one', [elsewhere, kata({ name: 'b' }), kata({ name: 'c', nodeImageVersion: PREVIOUS })], 'fail'],
    ['one image beside an unknown one', [{ ...elsewhere, name: 'a' }, kata({ name: 'b' })], 'unknown'],
  ])('judges whether the nodes of a pool run %s', (__, nodes, verdict) => {
    const run = judge(nodeImageConsistent, alone(...nodes));
    expect(verdicts(run)).toEqual({ 'node-pool/kata1': verdict });
    const images = verdict === 'fail' ? [kata().nodeImageVersion, PREVIOUS] : [kata().nodeImageVersion];
    expect(judgements(run)[0]?.facts).toEqual({ nodes: nodes.length, images });
  });

  it.each([
    ['v1.27.0', 'pass'],
    ['v1.26.9', 'fail'],
    ['new', 'unknown'],
  ])('judges by the kubelet %s of a Kata node whether Kubernetes is new enough', (kubeletVersion, verdict) => {
    const run = judge(kataKubernetesVersion, alone(kata({ kubeletVersion }), aPlainNode({ kubeletVersion: 'v1.20.0' })));
    expect(verdicts(run)).toEqual({ [`node/${kata().name}`]: verdict });
    expect(verdicts(judge(kataKubernetesVersion, alone(aPlainNode())))).toEqual({ cluster: 'not-applicable' });
  });

  it('judges no pool of a node that has none', () => {
    const { nodePool: __, ...stray } = kata();
    const rules = [nodeImageConsistent, kataPoolHealthy, kataPoolUsed];
    expect(rules.map((rule) => verdicts(judge(rule, alone(stray))))).toEqual([{}, {}, {}]);
  });

  const tainted = { taints: [{ key: 'sandbox', value: 'kata', effect: 'NoSchedule' }] };
  it.each<[string, readonly KubernetesNode[], string]>([
    ['a ready node', [kata({ ready: false }), kata({ name: 'b' })], 'pass'],
    ['no ready node', [kata({ ready: false })], 'fail'],
    ['cordoned nodes only', [kata({ unschedulable: true })], 'fail'],
    ['nodes with a Kata image that list no Kata handler', [kata({ runtimeHandlers: ['', 'runc'] })], 'fail'],
    ['tainted nodes only', [kata(tainted)], 'unknown'],
    ['tainted and cordoned nodes', [kata(tainted), kata({ name: 'b', unschedulable: true })], 'fail'],
  ])('judges whether a Kata pool is healthy: %s', (__, nodes, verdict) => {
    expect(verdicts(judge(kataPoolHealthy, alone(...nodes, aPlainNode())))).toEqual({ 'node-pool/kata1': verdict });
  });

  it('does not leave to Azure what pods that were not read may tolerate', () => {
    const workloads = observed([], { kind: 'truncated', message: 'Too many.' } as const);
    const [judged] = judgements(judge(kataPoolHealthy, { ...alone(kata(tainted)), workloads }));
    expect(judged?.verdict).toBe('unknown');
    expect(judged).not.toMatchObject({ reason: 'no-azure-access' });
  });

  it('counts the nodes of a handler that the policy accepts', () => {
    const qemu = kata({ nodePool: 'qemu', nodeImageVersion: ORDINARY.nodeImageVersion, runtimeHandlers: ['', 'runc', 'kata-qemu'] });
    const workloads = [{ name: 'all', acceptedHandlers: ['kata-qemu'] }];
    expect(verdicts(judge(kataPoolHealthy, alone(qemu), { workloads }))).toEqual({ 'node-pool/qemu': 'pass' });
    expect(verdicts(judge(kataPoolHealthy, alone(qemu)))).toEqual({});
  });

  it('judges whether a Kata pool is used', () => {
    expect(verdicts(judge(kataPoolUsed, alone(kata(), aPlainNode())))).toEqual({ 'node-pool/kata1': 'pass' });
    const idle = judge(kataPoolUsed, { ...alone(kata()), workloads: observed([]) });
    expect(judgements(idle)).toMatchObject([{ verdict: 'fail', facts: { nodes: 1, vmSize: 'unknown' } }]);
    const sized = (name: string, nodePool: string, size: string) =>
      kata({ name, nodePool, labels: { ...kata().labels, 'node.kubernetes.io/instance-type': size } });
    const two = judge(kataPoolUsed, {
      ...alone(sized('a', 'kata1', 's'), sized('b', 'kata1', 's'), sized('c', 'kata2', 't')),
      workloads: observed([]),
    });
    expect(judgements(two).map(({ facts }) => facts)).toMatchObject([
      { nodes: 2, vmSize: 's' },
      { nodes: 1, vmSize: 't' },
    ]);
    const unseen = judge(kataPoolUsed, { ...alone(kata()), workloads: unavailable('denied', 'Forbidden.') });
    expect(verdicts(unseen)).toEqual({ 'node-pool/kata1': 'unknown' });
    expect(judge(kataPoolUsed, { ...alone(kata()), runtimeClasses: unavailable('denied', 'Forbidden.') }).state).toBe('unavailable');
  });

  it('reports that there is a Kata node, and never that there is no Kata pool', () => {
    expect(judgements(judge(kataPoolPresent, alone(kata(), aPlainNode())))).toEqual([
      { verdict: 'pass', subject: { kind: 'cluster' }, facts: { requirement: 'every other cluster', kataNodes: 1 } },
    ]);
    expect(judgements(judge(kataPoolPresent, alone(aPlainNode())))).toMatchObject([{ verdict: 'unknown', reason: 'no-azure-access' }]);
    const clusters = [{ name: 'all', kataPool: 'not-required' }] as const;
    expect(verdicts(judge(kataPoolPresent, alone(aPlainNode()), { clusters }))).toEqual({ cluster: 'not-applicable' });
  });

  it.each<[string, Partial<KubernetesNode>, string, RegExp]>([
    ['with the kernel of its image', {}, 'pass', /^$/],
    ['with a kernel that is not of its image', { kernelVersion: '6.6.137.mshv9-9.azl3' }, 'unknown', /runs the kernel 6\.6\.137\.mshv9-9/],
    ['with an unknown image', { nodeImageVersion: 'AKSAzureLinux-V3katagen2-202611.21.0' }, 'pass', /its kernel was not compared/],
    ['with an ordinary image and a label that was added by hand', { ...ORDINARY }, 'fail', /has no Kata/],
    ['without a label that names its image', { ...elsewhere, labels: kata().labels }, 'unknown', /The node image is unknown/],
  ])('judges the image and kernel of a Kata node: a node %s', (__, over, verdict, message) => {
    const { nodeImageVersion: ___, ...bare } = kata();
    const node: KubernetesNode = over.nodeImageVersion === undefined && 'osImage' in over ? { ...bare, ...over } : kata(over);
    const [judged] = judgements(judge(kataPoolImage, alone(node, aPlainNode())));
    expect({ verdict: judged?.verdict, message: judged?.message ?? '' }).toEqual({ verdict, message: expect.stringMatching(message) });
  });

  it('uses an image file for a kernel that this version does not know', () => {
    const nodeImageVersion = 'AKSAzureLinux-V3katagen2-202611.21.0';
    const row = { nodeImageVersion, guestKernel: 'g', nodeKernel: '6.12.1.mshv1', kataVersion: '4.1.0' };
    const told = (kernelVersion: string) => {
      const run = judge(kataPoolImage, {
        ...alone(kata({ nodeImageVersion, kernelVersion })),
        knownImages: { kernels: [row], newest: [] },
      });
      return judgements(run)[0];
    };
    expect(told('6.12.1.mshv1')).toMatchObject({ verdict: 'pass', facts: { guestKernel: 'g', nodeKernel: '6.12.1.mshv1' } });
    expect(told('6.6.0.mshv1')).toMatchObject({ verdict: 'unknown' });
  });

  it('does not judge by nodes when a request to Azure failed, or when the nodes were not read', () => {
    const refused = { ...alone(kata()), nodePools: unavailable('denied', 'Forbidden.') };
    expect(judge(nodeImageSupported, refused).state).toBe('unavailable');
    const blind = judge(nodeImageSupported, { ...alone(), nodes: unavailable('denied', 'Forbidden.') });
    expect(blind).toMatchObject({ state: 'unavailable', missing: [{ evidence: 'nodes' }] });
  });
});
