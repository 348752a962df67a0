import { describe, expect, it, test } from 'vitest';
import { toClaimedVolumes, toNamespace, toNode, toRuntimeClass } from '../../shared/kubernetes/objects.ts';

describe('a node', () => {
  it.each([
    ['True', true],
    ['False', false],
    ['Unknown', false],
  ])('with the condition Ready=%s is ready: %s', (status, ready) => {
    expect(
      toNode({
        status: {
          conditions: [
            { type: 'MemoryPressure', status: 'True' },
            { type: 'Ready', status },
          ],
        },
      }).ready,
    ).toBe(ready);
  });

  test('without status is not ready, not cordoned, without a pool, and lists no handlers', () => {
    const node = toNode({ metadata: { name: 'a' } });
    expect(node).toMatchObject({ name: 'a', ready: false, unschedulable: false, provisioner: 'other', labels: {} });
    expect(Object.keys(node)).not.toEqual(expect.arrayContaining(['taints']));
    expect(node.runtimeHandlers).toBeUndefined();
    expect(node.nodePool).toBeUndefined();
  });

  test('has its taints, cordon, handlers and pool', () => {
    const node = toNode({
      metadata: { name: 'a', labels: { agentpool: 'kata', 'kubernetes.azure.com/node-image-version': 'image' } },
      spec: { unschedulable: true, taints: [{ key: 'sandbox', effect: 'NoSchedule' }] },
      status: { runtimeHandlers: [{ name: 'kata' }, {}] },
    });
    expect(node).toMatchObject({
      nodePool: 'kata',
      provisioner: 'agent-pool',
      unschedulable: true,
      taints: [{ key: 'sandbox', value: '', effect: 'NoSchedule' }],
      runtimeHandlers: ['kata', ''],
      nodeImageVersion: 'image',
    });
  });

  test('of node auto provisioning belongs to no agent pool, whatever its other labels are', () => {
    const node = toNode({ metadata: { labels: { 'karpenter.sh/nodepool': 'kata', agentpool: 'kata' } } });
    expect(node.provisioner).toBe('karpenter');
    expect(node.nodePool).toBeUndefined();
  });
});

test('a RuntimeClass has its creation time, overhead and scheduling', () => {
  const seen = toRuntimeClass({
    metadata: { name: 'kata', creationTimestamp: { seconds: 1_767_225_600 } },
    handler: 'kata',
    overhead: { podFixed: { memory: { string: '600Mi' } } },
    scheduling: { nodeSelector: { a: 'b' }, tolerations: [{ key: 'sandbox', operator: 'Exists' }] },
  });
  expect(seen).toEqual({
    name: 'kata',
    handler: 'kata',
    nodeSelector: { a: 'b' },
    overheadMemory: '600Mi',
    tolerations: [{ key: 'sandbox', operator: 'Exists', value: '', effect: '' }],
    createdAt: '2026-01-01T00:00:00.000Z',
  });
  expect(toRuntimeClass({})).toEqual({ name: '', handler: '', nodeSelector: {} });
});

describe('a volume', () => {
  const claimRef = { namespace: 'shop', name: 'data' };
  test.each([
    ['a directory of its node', { hostPath: {} }, true],
    ['a disk of its node', { local: {} }, true],
    ['something else', {}, false],
  ])('that is bound has its claim, and whether it is %s', (_, persistentVolumeSource, onNode) => {
    const seen = toClaimedVolumes({ spec: { persistentVolumeSource, claimRef }, status: { phase: 'Bound' } });
    expect(seen).toEqual([{ namespace: 'shop', claim: 'data', onNode }]);
  });

  // Source: kubernetes.io/docs/concepts/storage/persistent-volumes: a released volume keeps the reference to a deleted claim.
  test.each(['Available', 'Released', 'Failed', 'Pending', undefined])('that is %s is not used for a claim with that name', (phase) => {
    expect(toClaimedVolumes({ spec: { persistentVolumeSource: { hostPath: {} }, claimRef }, status: { phase } })).toEqual([]);
  });
});

test('names and labels that exceed the limits of Kubernetes are cut', () => {
  const labels = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`label-${String(at).padStart(3, '0')}`, 'x']));
  const namespace = toNamespace({ metadata: { name: 'n'.repeat(5_000), labels } });
  expect(namespace.name).toHaveLength(250);
  expect(Object.keys(namespace.labels)).toHaveLength(100);
  expect(namespace.labelsCut).toBe(200);
  expect(toNamespace({ metadata: { name: 'n', labels: { a: 'b' } } })).toEqual({ name: 'n', labels: { a: 'b' } });
});
