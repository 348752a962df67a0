import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { PodFold } from '../../../shared/kubernetes/pods/fold.ts';
import { foldContext } from '../../../shared/kubernetes/pods/fold-context.ts';
import { kubernetes } from '../../../shared/kubernetes/wire/kubernetes.generated.js';
import { parseListPage, parseStatus } from '../../../shared/kubernetes/wire/list-page.ts';
import { PODS } from '../../../shared/kubernetes/wire/resources.ts';
import type { KubernetesObject } from '../../../shared/local/estate/kubernetes/pod-object.ts';
import { encodeEnvelope, encodeList, encodeObject } from '../../../shared/local/estate/kubernetes/protobuf.ts';
import { rounds } from '../../support/thorough.ts';
import { aNode } from '../support/a-node.ts';
import { anyPod } from '../support/a-pod.ts';

const HEAD = { resourceVersion: '7', continue: 'more', remainingItemCount: 12 };
const NODES = [
  aNode('kata-0', { runtimeHandlers: ['', 'runc', 'kata'], nodePool: 'constructor' }),
  aNode('plain-0', { nodePool: 'plain', taints: [{ key: 'sandbox', value: 'kata', effect: 'NoSchedule' }] }),
];
const CLASSES = [
  { name: 'kata-vm-isolation', handler: 'kata', nodeSelector: { kata: 'yes' } },
  { name: 'runc', handler: 'runc', nodeSelector: {}, createdAt: '2020-01-01T00:00:00Z' },
];

function groups(body: Buffer) {
  const fold = new PodFold(foldContext(NODES, CLASSES, 1_000));
  for (const pod of parseListPage(body, PODS).items()) fold.add(pod);
  return fold.groups();
}

/** The groups of a page as the reader counts them: by bytes for protobuf. */
function groupsOfPage(body: Buffer) {
  const fold = new PodFold(foldContext(NODES, CLASSES, 1_000));
  fold.addPage(parseListPage(body, PODS));
  return fold.groups();
}

function json(pods: readonly KubernetesObject[]): Buffer {
  const items = pods.map((pod) => ({ ...pod, newer: { than: ['us'] } }));
  return Buffer.from(JSON.stringify({ kind: 'PodList', metadata: HEAD, items }));
}

/** Fields with numbers that no Kubernetes version uses: a text, a number, and one of eight bytes. */
const NEWER_FIELDS = Buffer.from('c2 f8 01 03 6e 65 77 c8 f8 01 2a d1 f8 01 00 00 00 00 00 00 00 00'.replaceAll(' ', ''), 'hex');

function protobuf(pods: readonly KubernetesObject[]): Buffer {
  const items = pods.map((pod) => Buffer.concat([encodeObject('Pod', pod), NEWER_FIELDS]));
  return encodeList('v1', 'PodList', HEAD, items);
}

/** A pod, and others that differ from it in fields that differ among siblings, or in one field that separates workloads. */
const someSiblings = fc
  .tuple(
    anyPod,
    fc.array(fc.record({ name: fc.nat(99), node: fc.constantFrom('kata-0', 'plain-0', 'gone', ''), odd: fc.nat(9) }), { maxLength: 6 }),
  )
  .map(([pod, others]) => [pod, ...others.map(({ name, node, odd }) => sibling(pod, `p-${name}`, node, odd))]);

function sibling(pod: KubernetesObject, name: string, nodeName: string, odd: number): KubernetesObject {
  const part = (key: string) => (typeof pod[key] === 'object' && pod[key] !== null ? pod[key] : {});
  const metadata = { ...part('metadata'), name };
  const spec = {
    ...part('spec'),
    nodeName,
    ...(odd === 1 ? { hostNetwork: true } : {}),
    ...(odd === 2 ? { runtimeClassName: 'runc' } : {}),
  };
  const status = odd === 3 ? { phase: 'Pending' } : odd === 4 ? part('status') : { ...part('status'), phase: 'Running' };
  return { ...pod, metadata: odd === 5 ? { ...metadata, labels: { app: 'other' } } : metadata, spec, status };
}

/** The groups of pods that follow each other in memory. */
function groupsOfBytes(pods: readonly KubernetesObject[]) {
  const fold = new PodFold(foldContext(NODES, CLASSES, 1_000));
  const items = pods.map((pod) => Buffer.concat([encodeObject('Pod', pod), NEWER_FIELDS]));
  const bytes = Buffer.concat([Buffer.from('before'), ...items]);
  let at = 6;
  for (const { length } of items) {
    fold.addBytes(bytes, at, at + length);
    at += length;
  }
  return fold.groups();
}

describe('protobuf and JSON', () => {
  test('give the same groups for any pods', () => {
    fc.assert(
      fc.property(fc.array(anyPod, { maxLength: 12 }), (pods) => {
        expect(groups(protobuf(pods))).toEqual(groups(json(pods)));
      }),
      { numRuns: rounds(400, 100) },
    );
  });

  test('give the same groups when pods are counted by their bytes, siblings only by their heads', () => {
    fc.assert(
      fc.property(fc.array(someSiblings, { maxLength: 5 }), (families) => {
        const pods = families.flat();
        expect(groupsOfBytes(pods)).toEqual(groups(json(pods)));
      }),
      { numRuns: rounds(400, 100) },
    );
  });

  test('give the same groups of a page, pod by pod and by bytes', () => {
    fc.assert(
      fc.property(fc.array(someSiblings, { maxLength: 5 }), (families) => {
        const pods = families.flat();
        expect(groupsOfPage(protobuf(pods))).toEqual(groups(protobuf(pods)));
        expect(groupsOfPage(json(pods))).toEqual(groups(protobuf(pods)));
      }),
      { numRuns: rounds(100, 40) },
    );
  });

  test('give the same head', () => {
    const told = (body: Buffer) => {
      const { resourceVersion, next, remaining, length } = parseListPage(body, PODS);
      return { resourceVersion, next, remaining, length };
    };
    expect(told(protobuf([{}]))).toEqual({ resourceVersion: '7', next: 'more', remaining: 12, length: 1 });
    expect(told(json([{}]))).toEqual(told(protobuf([{}])));
  });

  test('lose no pod', () => {
    fc.assert(
      fc.property(fc.array(anyPod, { maxLength: 12 }), (pods) => {
        expect(groups(protobuf(pods)).reduce((sum, group) => sum + group.pods, 0)).toBe(pods.length);
      }),
      { numRuns: rounds(100, 40) },
    );
  });
});

describe('a pod that runs', () => {
  const { decode } = kubernetes.Pod;
  afterEach(() => {
    kubernetes.Pod.decode = decode;
  });
  const pod = (spec: KubernetesObject, state: KubernetesObject = { running: {} }): KubernetesObject => ({
    metadata: { name: 'web-1', namespace: 'shop', labels: { app: 'web' }, creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { nodeName: 'kata-0', containers: [{ name: 'web', resources: { limits: { memory: '1Gi' } } }], ...spec },
    status: { phase: 'Running', containerStatuses: [{ name: 'web', state }] },
  });
  const sandboxed = { runtimeClassName: 'kata-vm-isolation', nodeSelector: { kata: 'yes' }, overhead: { memory: '600Mi' } };

  test.each([
    ['without a class', pod({})],
    ['without a class that waits for a container', pod({}, { waiting: { reason: 'CrashLoopBackOff' } })],
    ['with a class', pod(sandboxed)],
    [
      'with a class and everything that weakens it',
      pod({ ...sandboxed, hostNetwork: true, volumes: [{ name: 'v', hostPath: { path: '/' } }] }),
    ],
  ])('%s is counted by its bytes only', (_, running) => {
    const expected = groups(json([running, running]));
    kubernetes.Pod.decode = () => {
      throw new Error('It was decoded.');
    };
    expect(groupsOfBytes([running, running])).toEqual(expected);
  });

  test.each([
    ['has a volume behind a claim', pod({ ...sandboxed, volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] })],
    ['waits for a container', pod(sandboxed, { waiting: { reason: 'ContainerCreating' } })],
    ['has a debug container', pod({ ...sandboxed, ephemeralContainers: [{ name: 'd', securityContext: { privileged: true } }] })],
    ['has a limit that may be zero', pod({ ...sandboxed, resources: { limits: { memory: '0' } } })],
  ])('with a class is decoded when it %s', (_, special) => {
    expect(groupsOfBytes([special])).toEqual(groups(json([special])));
    kubernetes.Pod.decode = () => {
      throw new Error('It was decoded.');
    };
    expect(() => groupsOfBytes([special])).toThrow('It was decoded.');
  });

  test('whose bytes are truncated is refused, and not counted as one without risks', () => {
    const bytes = encodeObject('Pod', pod(sandboxed));
    for (const cut of [1, 3, 40]) {
      const fold = new PodFold(foldContext(NODES, CLASSES, 1_000));
      expect(() => fold.addBytes(bytes, 0, bytes.length - cut)).toThrow();
    }
  });
});

describe('the message of a failure', () => {
  const words = { status: 'Failure', message: 'nodes is forbidden', reason: 'Forbidden', code: 403 };

  test('is read in both encodings', () => {
    const expected = { message: 'nodes is forbidden', reason: 'Forbidden' };
    expect(parseStatus(Buffer.from(JSON.stringify({ kind: 'Status', ...words })))).toEqual(expected);
    expect(parseStatus(encodeEnvelope('v1', 'Status', words))).toEqual(expected);
  });

  test.each(['<html>Bad gateway</html>', '', 'k8s\0\xff\xff', 'null', '5'])('is empty for a body that is not a Status: %j', (body) => {
    expect(parseStatus(Buffer.from(body, 'latin1'))).toBeUndefined();
  });
});
