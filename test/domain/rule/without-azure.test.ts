import { describe, expect, it } from 'vitest';
import { observed, unavailable } from '../../../shared/domain/snapshot/observation.ts';
import type { KubernetesNode } from '../../../shared/domain/snapshot/snapshot.ts';
import { kataKubernetesVersion } from '../../../shared/rules/kata-kubernetes-version.ts';
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
const kata = (over: Partial<KubernetesNode> = {}) => aKataNode(over);

describe('a kubeconfig alone', () => {
  it.each([
    ['current', kata(), 'pass'],
    ['older than 90 days', kata({ nodeImageVersion: OLD }), 'fail'],
    ['of a name that cannot be read', kata({ nodeImageVersion: 'mine' }), 'unknown'],
    ['not named, on a node that is none of AKS', elsewhere, 'not-applicable'],
  ])('tells by its nodes whether an image is supported: %s', (__, node, verdict) => {
    expect(verdicts(judge(nodeImageSupported, alone(node)))).toEqual({ [`node/${node.name}`]: verdict });
  });

  it('tells that a family of images has ended', () => {
    const node = kata({ nodeImageVersion: 'AKSAzureLinux-V2katagen2-202509.05.0' });
    expect(judgements(judge(nodeImageSupported, alone(node)))).toMatchObject([
      { verdict: 'fail', message: expect.stringContaining('has ended') },
    ]);
  });

  it('does not know the newest image, which it never asks for, until a file of images tells it', () => {
    const node = kata({ nodeImageVersion: OLD });
    expect(judgements(judge(nodeImageCurrent, alone(node)))).toMatchObject([{ verdict: 'unknown', reason: 'no-azure-access' }]);
    const knownImages = { kernels: [], newest: [PREVIOUS] };
    const told = judge(nodeImageCurrent, { ...alone(node), knownImages });
    expect(verdicts(told)).toEqual({ [`node/${node.name}`]: 'fail' });
  });

  it.each<[string, readonly KubernetesNode[], string]>([
    ['one image', [kata({ name: 'a' }), kata({ name: 'b' })], 'pass'],
    [
      'one release at two patch levels',
      [kata({ name: 'a' }), kata({ name: 'b', nodeImageVersion: `${kata().nodeImageVersion}-2026.08.25` })],
      'pass',
    ],
    ['two releases', [kata({ name: 'a' }), kata({ name: 'b', nodeImageVersion: PREVIOUS })], 'fail'],
  ])('tells whether the nodes of a pool run %s', (__, nodes, verdict) => {
    expect(verdicts(judge(nodeImageConsistent, alone(...nodes)))).toEqual({ 'node-pool/kata1': verdict });
  });

  it.each([
    ['v1.27.0', 'pass'],
    ['v1.26.9', 'fail'],
    ['new', 'unknown'],
  ])('tells by the kubelet %s of a Kata node whether Kubernetes is new enough', (kubeletVersion, verdict) => {
    const run = judge(kataKubernetesVersion, alone(kata({ kubeletVersion }), aPlainNode({ kubeletVersion: 'v1.20.0' })));
    expect(verdicts(run)).toEqual({ [`node/${kata().name}`]: verdict });
  });

  it('judges nothing by nodes where Azure was asked and did not tell, or the nodes were not seen', () => {
    const refused = { ...alone(kata()), nodePools: unavailable('denied', 'Forbidden.') };
    expect(judge(nodeImageSupported, refused).state).toBe('unavailable');
    const blind = judge(nodeImageSupported, { ...alone(), nodes: unavailable('denied', 'Forbidden.') });
    expect(blind).toMatchObject({ state: 'unavailable', missing: [{ evidence: 'nodes' }] });
  });
});
