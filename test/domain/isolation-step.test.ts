import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isolationOf } from '../../shared/domain/isolation-step.ts';
import { FULL, type Observation, unavailable } from '../../shared/domain/observation.ts';
import type { ClusterSnapshot, IsolationProof, PodGroup, RuntimeClass } from '../../shared/domain/snapshot.ts';

const part = unavailable('denied', '403');
const seen = <T>(value: T): Observation<T> => ({ state: 'observed', value, coverage: FULL });

const boot = fc.constantFrom('boot-a', 'BOOT-A', 'boot-b', '');
const observed = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<Observation<T>> =>
  fc.option(value, { nil: undefined }).map((some) => (some === undefined ? part : seen(some)));

const groups: fc.Arbitrary<PodGroup> = fc
  .record({
    runtimeClassName: fc.constantFrom(undefined, 'kata', 'cli'),
    running: fc.nat(2),
    handlerListed: fc.nat(2),
    handlerMissing: fc.nat(1),
    unknown: fc.nat(1),
  })
  .map(({ runtimeClassName, running, handlerListed, handlerMissing, unknown }) => ({
    namespace: 'app',
    ownerKind: 'Deployment',
    ownerName: 'web',
    labels: {},
    ...(runtimeClassName === undefined ? {} : { runtimeClassName }),
    pods: 3,
    phases: { pending: 0, running, succeeded: 0, failed: 0, unknown: 0 },
    waiting: 0,
    placement: { unscheduled: 0, handlerListed, handlerMissing, unknown, onKataNode: 0 },
    features: { hostPath: 0, hostNetwork: 0, hostPid: 0, hostIpc: 0, privileged: 0, noMemoryLimit: 0, noOverhead: 0 },
    podsByNodePool: {},
    examples: [],
  }));

const proofs: fc.Arbitrary<IsolationProof> = fc
  .record({
    ownerName: fc.constantFrom('web', 'other'),
    nodeBootId: boot,
    runtimeClassName: fc.constantFrom('kata', 'cli'),
    result: fc.oneof(
      boot.filter((id) => id !== '').map((bootId) => ({ state: 'read' as const, bootId })),
      fc.constant({ state: 'unknown' as const, reason: 'no tool' }),
    ),
  })
  .map((proof) => ({
    namespace: 'app',
    pod: 'p',
    ownerKind: 'Deployment',
    node: 'n',
    method: 'exec',
    at: '2026-11-20T00:00:00.000Z',
    nodeKernel: '6.6',
    ...proof,
  }));

const classes: fc.Arbitrary<readonly RuntimeClass[]> = fc.subarray([
  { name: 'kata', handler: 'kata', nodeSelector: {} },
  { name: 'cli', handler: 'katacli', nodeSelector: {} },
]);

const snapshots: fc.Arbitrary<ClusterSnapshot> = fc
  .record({
    runtimeClasses: observed(classes),
    nodes: observed(fc.constant([])),
    isolationProofs: observed(fc.array(proofs, { maxLength: 4 })),
  })
  .map((parts) => ({
    schemaVersion: 1,
    cluster: { id: 'c', name: 'c', subscriptionId: '', resourceGroup: '', location: '', tags: {} },
    observedAt: '2026-11-20T00:00:00.000Z',
    settings: part,
    nodePools: part,
    latestImages: part,
    namespaces: part,
    workloads: part,
    ...parts,
  }));

describe('the step of isolation', () => {
  it('is never higher than the evidence, whatever the evidence', () => {
    fc.assert(
      fc.property(groups, snapshots, (group, snapshot) => {
        const { step } = isolationOf(group, snapshot);
        const { runtimeClasses, nodes, isolationProofs } = snapshot;
        const readings = (isolationProofs.state === 'observed' ? isolationProofs.value : []).filter(
          ({ ownerName, runtimeClassName, nodeBootId, result }) =>
            ownerName === 'web' && runtimeClassName === group.runtimeClassName && result.state === 'read' && nodeBootId !== '',
        );
        const equal = readings.filter(
          ({ result, nodeBootId }) => result.state === 'read' && result.bootId.toLowerCase() === nodeBootId.toLowerCase(),
        );
        const resolves =
          group.runtimeClassName === 'kata' &&
          runtimeClasses.state === 'observed' &&
          runtimeClasses.value.some(({ name }) => name === 'kata') &&
          nodes.state === 'observed' &&
          group.placement.handlerMissing === 0 &&
          group.placement.unknown === 0 &&
          group.placement.handlerListed > 0 &&
          group.phases.running > 0;

        if (group.runtimeClassName === undefined) expect(step).toBe('none');
        if (step === 'resolved' || step === 'proven') expect(resolves).toBe(true);
        if (step === 'proven') expect(readings.length).toBeGreaterThan(0);
        // A shared kernel is never hidden by a proof of another pod.
        if (group.runtimeClassName !== undefined && equal.length > 0) expect(step).toBe('disproved');
        if (step === 'disproved') expect(equal.length).toBeGreaterThan(0);
      }),
      { numRuns: 2_000 },
    );
  });
});
