import fc from 'fast-check';
import { type Observation, observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import type { PodGroup } from '../../shared/domain/snapshot/pod-group.ts';
import type { ClusterSnapshot, IsolationProof, KubernetesNode, RuntimeClass } from '../../shared/domain/snapshot/snapshot.ts';
import {
  aKataNode,
  aKataPool,
  aPlainNode,
  aPlainPodGroup,
  aPlainPool,
  aPodGroup,
  aRuntimeClass,
  aSnapshot,
  KATA_IMAGE,
  PLAIN_IMAGE,
} from './a-snapshot.ts';

/** A Kata image whose node and guest kernels have the same name, and that name. */
const EQUAL_IMAGE = 'AKSAzureLinux-V3katagen2-202605.27.0';
const EQUAL_KERNEL = '6.6.137.mshv1-1.azl3';
/** A Kata image that is newer than all known ones. */
const UNKNOWN_IMAGE = 'AKSAzureLinux-V3katagen2-202712.01.0';

const BOOTS = [
  'b0071d00-0000-4000-8000-000000000001',
  'B0071D00-0000-4000-8000-000000000001',
  'c0071d00-0000-4000-8000-000000000002',
  '',
] as const;
/** Usually the first value: evidence that is wrong everywhere would never reach a high step. */
const mostly = <T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof({ arbitrary: fc.constant(usual), weight: 6 }, { arbitrary: fc.constantFrom(usual, ...others), weight: 2 });
const part = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<Observation<T>> =>
  fc.oneof(
    { arbitrary: value.map((seen): Observation<T> => observed(seen)), weight: 12 },
    { arbitrary: fc.constant<Observation<T>>(unavailable('denied', 'May not.')), weight: 1 },
  );

const kataNode = (name: string): fc.Arbitrary<KubernetesNode> =>
  fc
    .record({
      handlers: mostly<readonly string[] | undefined>(['', 'kata'], undefined, [''], ['kata-cc']),
      image: mostly<string | undefined>(KATA_IMAGE, EQUAL_IMAGE, UNKNOWN_IMAGE, PLAIN_IMAGE, 'mine', undefined),
      kernelVersion: mostly(aKataNode().kernelVersion, EQUAL_KERNEL),
      labels: mostly<Record<string, string>>(aKataNode().labels, {}),
      ready: mostly(true, false),
      bootId: mostly<string>(...BOOTS),
    })
    .map(({ handlers, image, ...rest }) => {
      const { runtimeHandlers: _, nodeImageVersion: __, ...node } = aKataNode({ name, ...rest });
      return {
        ...node,
        ...(handlers === undefined ? {} : { runtimeHandlers: handlers }),
        ...(image === undefined ? {} : { nodeImageVersion: image }),
      };
    });

const classes: fc.Arbitrary<readonly RuntimeClass[]> = fc
  .record({
    handler: mostly('kata', 'katacli', 'kata-cc'),
    nodeSelector: mostly<RuntimeClass['nodeSelector']>(aRuntimeClass().nodeSelector, {}),
    overhead: mostly<string | undefined>('600Mi', undefined),
    there: mostly(true, false),
  })
  .map(({ handler, nodeSelector, overhead, there }) => {
    const { overheadMemory: _, ...one } = aRuntimeClass({ handler, nodeSelector });
    return there ? [overhead === undefined ? one : { ...one, overheadMemory: overhead }] : [];
  });

const group = (ownerName: string): fc.Arbitrary<PodGroup> =>
  fc
    .record({
      classless: mostly(false, true),
      pods: fc.constantFrom(1, 2),
      running: mostly(2, 0, 1),
      handlerListed: mostly(2, 0, 1),
      handlerMissing: mostly(0, 1),
      unknown: mostly(0, 1),
      noOverhead: mostly(0, 1),
      selectorMissing: mostly(0, 1),
      node: fc.constantFrom('n1', 'n2', 'plain'),
    })
    .map(({ classless, pods, running, noOverhead, selectorMissing, node, ...place }) => {
      const over = {
        ownerName,
        pods,
        phases: { pending: 0, running, succeeded: 0, failed: 0, unknown: 0 },
        placement: { ...aPodGroup().placement, ...place },
        features: { ...aPodGroup().features, noOverhead },
        ...(selectorMissing === 0 ? {} : { selectorMissing }),
        examples: [{ name: `${ownerName}-1`, node }],
      };
      return classless ? aPlainPodGroup(over) : aPodGroup(over);
    });

const proof: fc.Arbitrary<IsolationProof> = fc
  .record({
    canary: fc.boolean(),
    classless: mostly(false, true),
    ownerName: fc.constantFrom('cart', 'pay'),
    node: mostly('n1', 'n2', 'gone'),
    image: mostly<string | undefined>(KATA_IMAGE, EQUAL_IMAGE, undefined),
    nodeBootId: mostly<string>(...BOOTS),
    result: fc.oneof(
      mostly<string>(BOOTS[2], ...BOOTS).map((bootId) => ({ state: 'read' as const, bootId })),
      fc.constant({ state: 'unknown' as const, reason: 'No tool.' }),
    ),
  })
  .map(({ canary, classless, image, ...rest }) => ({
    namespace: 'shop',
    pod: 'p',
    ownerKind: 'Deployment',
    nodePool: 'kata1',
    ...(classless ? {} : { runtimeClassName: 'kata-vm-isolation' }),
    ...(image === undefined ? {} : { nodeImageVersion: image }),
    method: canary ? 'canary' : 'exec',
    at: '2026-09-01T12:00:00.000Z',
    nodeKernel: EQUAL_KERNEL,
    ...rest,
  }));

/** Snapshots of a cluster with one Kata pool and one plain pool, mostly correct and partly wrong in the evidence of isolation. */
export const anyEvidence: fc.Arbitrary<ClusterSnapshot> = fc
  .record({
    nodes: part(fc.tuple(kataNode('n1'), kataNode('n2')).map((kata) => [...kata, aPlainNode({ name: 'plain' })])),
    nodePools: part(fc.constant([aPlainPool(), aKataPool()])),
    runtimeClasses: part(classes),
    workloads: part(fc.tuple(group('cart'), group('pay'))),
    isolationProofs: part(fc.array(proof, { maxLength: 3 })),
  })
  .map((parts) => aSnapshot(parts));
