import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { probeExitCode } from '../../shared/cli/probe.ts';
import { isolationTable } from '../../shared/domain/isolation/isolation-table.ts';
import { observed, unavailable } from '../../shared/domain/snapshot/observation.ts';
import type { ClusterSnapshot, IsolationProof } from '../../shared/domain/snapshot/snapshot.ts';
import { aKataNode, aSnapshot } from '../support/a-snapshot.ts';
import { anyEvidence } from '../support/any-evidence.ts';

const { name: node, bootId: nodeBootId, kernelVersion: nodeKernel, nodeImageVersion } = aKataNode();
const OWN = 'c0071d00-0000-4000-8000-00000000000f';

/** A canary that printed a boot id, or could not be read. */
function canary(bootId: string | undefined, runtimeClassName?: string): IsolationProof {
  return {
    namespace: 'kataudit-canary',
    pod: 'canary',
    ownerKind: 'Canary',
    ownerName: runtimeClassName ?? 'runc',
    node,
    nodePool: 'kata1',
    ...(nodeImageVersion === undefined ? {} : { nodeImageVersion }),
    ...(runtimeClassName === undefined ? {} : { runtimeClassName }),
    method: 'canary',
    at: '2026-09-01T12:00:00.000Z',
    nodeBootId,
    nodeKernel,
    result: bootId === undefined ? { state: 'unknown', reason: 'It was not scheduled.' } : { state: 'read', bootId },
  };
}

const KATA = 'kata-vm-isolation';
const codeOf = (snapshot: ClusterSnapshot) => probeExitCode(snapshot, isolationTable(snapshot));
const probed = (...proofs: readonly IsolationProof[]) => codeOf(aSnapshot({ isolationProofs: observed(proofs) }));

describe('the exit code of a probe', () => {
  it.each([
    ['everything is proven', [canary(nodeBootId), canary(OWN, KATA)], 0],
    ['a kernel is shared', [canary(nodeBootId), canary(nodeBootId, KATA)], 1],
    ['a kernel is shared and nothing else could be read', [canary(undefined), canary(nodeBootId, KATA)], 1],
    ['the sandboxed canary could not be read', [canary(nodeBootId), canary(undefined, KATA)], 2],
    ['the control could not be read', [canary(undefined), canary(OWN, KATA)], 2],
    ['the control also shows a boot id that differs from its node', [canary(OWN), canary(OWN, KATA)], 2],
    ['only the control was probed', [canary(nodeBootId)], 2],
    ['nothing was probed', [], 2],
  ])('when %s', (_, proofs, code) => {
    expect(probed(...proofs)).toBe(code);
  });

  it('is 2 when the probe could not run', () => {
    expect(codeOf(aSnapshot({ isolationProofs: unavailable('denied', 'May not exec.') }))).toBe(2);
  });

  it('is 0 only when something was probed and everything probed is proven, for any evidence', () => {
    const codes = new Set<number>();
    fc.assert(
      fc.property(anyEvidence, (snapshot) => {
        const code = codeOf(snapshot);
        codes.add(code);
        const steps = isolationTable(snapshot).map(({ step }) => step);
        expect(code === 1).toBe(steps.includes('disproved'));
        if (code !== 0) return;
        expect(steps).toContain('proven');
        expect(
          snapshot.isolationProofs.state === 'observed' && snapshot.isolationProofs.value.every(({ result }) => result.state === 'read'),
        ).toBe(true);
      }),
      { numRuns: 2_000 },
    );
    expect([...codes].toSorted()).toEqual([0, 1, 2]);
  });
});
