import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type IsolationStep, isolationOf, isolationOfPools } from '../../../shared/domain/isolation/isolation-step.ts';
import { isolationTable } from '../../../shared/domain/isolation/isolation-table.ts';
import { anyEvidence } from '../../support/any-evidence.ts';
import { type Bounds, boundsOfGroup, boundsOfPool } from '../../support/evidence-bounds.ts';

/** Fails when a step is higher than the evidence allows, or hides a shared kernel. */
function expectWithin(step: IsolationStep, { mayBeResolved, mayBeProven, isDisproved }: Bounds): void {
  expect(step === 'disproved').toBe(isDisproved);
  if (step === 'resolved') expect(mayBeResolved).toBe(true);
  if (step === 'proven') expect(mayBeProven).toBe(true);
}

describe('over any evidence', () => {
  it('the step of a workload is never higher than its evidence allows', () => {
    const reached = new Set<IsolationStep>();
    fc.assert(
      fc.property(anyEvidence, (snapshot) => {
        for (const group of snapshot.workloads.state === 'observed' ? snapshot.workloads.value : []) {
          const { step, reason } = isolationOf(group, snapshot);
          reached.add(step);
          expect(reason).not.toBe('');
          expectWithin(step, boundsOfGroup(group, snapshot));
        }
      }),
      { numRuns: 3_000 },
    );
    // The property proves nothing unless some cases reach these steps.
    expect([...reached].toSorted()).toEqual(['declared', 'disproved', 'none', 'proven', 'resolved']);
  });

  it('the step of a Kata pool is never higher than its evidence allows', () => {
    const reached = new Set<IsolationStep>();
    fc.assert(
      fc.property(anyEvidence, (snapshot) => {
        for (const { nodePool, evidence } of isolationOfPools(snapshot)) {
          reached.add(evidence.step);
          expectWithin(evidence.step, boundsOfPool(nodePool, snapshot));
        }
      }),
      { numRuns: 3_000 },
    );
    expect([...reached].toSorted()).toEqual(['declared', 'disproved', 'proven', 'resolved']);
  });

  it('no row of the kernel comparison shows a higher step than its workload or pool has', () => {
    fc.assert(
      fc.property(anyEvidence, (snapshot) => {
        const pools = new Map(isolationOfPools(snapshot).map(({ nodePool, evidence }) => [`canary in pool ${nodePool}`, evidence.step]));
        const groups = snapshot.workloads.state === 'observed' ? snapshot.workloads.value : [];
        const known = new Map(groups.map((group) => [`shop/Deployment/${group.ownerName}`, isolationOf(group, snapshot).step]));
        for (const { kind, subject, step } of isolationTable(snapshot)) {
          if (kind === 'sandboxed pod') expect([known.get(subject), pools.get(subject), 'declared']).toContain(step);
          else expect(step).toBe('none');
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
