import { describe, expect, it } from 'vitest';
import type { ProbeTarget } from '../../shared/domain/isolation/probe-targets.ts';
import { Fault, type FaultCode } from '../../shared/domain/snapshot/fault.ts';
import type { IsolationProbe } from '../../shared/ports/isolation-probe.ts';
import { execProofs } from '../../shared/usecases/exec-proofs.ts';
import { aKataNode } from '../support/a-snapshot.ts';

const AT = '2026-11-20T12:00:00.000Z';
const BOOT = '22222222-2222-4222-8222-222222222222';
const READ = { state: 'read', bootId: BOOT } as const;
const unread = (reason: string) => ({ state: 'unknown', reason }) as const;

const target = (namespace: string, pod: string, node = 'n1', nodePool = 'kata'): ProbeTarget => ({
  namespace,
  pod,
  ownerKind: 'Deployment',
  ownerName: pod,
  ownerGroup: 'apps',
  runtimeClassName: 'kata-vm-isolation',
  node: aKataNode({ name: node, nodePool }),
});

/** Probes targets; the answer to each pod is a boot id, or the fault that the test names for `namespace/pod`. */
async function probe(
  targets: readonly ProbeTarget[],
  reserves: readonly ProbeTarget[],
  faults: Readonly<Record<string, Fault | Error>>,
  ends = new AbortController(),
) {
  const asked: string[] = [];
  const never = () => expect.unreachable('Only pods are asked.');
  const isolation: IsolationProbe = {
    exec: async ({ namespace, pod }) => {
      asked.push(`${namespace}/${pod}`);
      const fault = faults[`${namespace}/${pod}`];
      if (fault !== undefined) throw fault;
      return { state: 'read', output: BOOT };
    },
    canary: never,
    sweep: never,
    close: () => undefined,
  };
  const proofs = await execProofs(isolation, { targets, reserves, kept: [] }, AT, ends.signal);
  return { asked, proofs, results: Object.fromEntries(proofs.map(({ namespace, pod, result }) => [`${namespace}/${pod}`, result])) };
}
const fault = (code: FaultCode) => new Fault(code, code);

describe('a pod that may not be asked', () => {
  const reserves = [
    target('b', 'elsewhere', 'n2', 'other'),
    target('a', 'same-namespace'),
    target('c', 'waits'),
    target('c', 'x'),
    target('b', 'one'),
    target('b', 'two'),
  ];

  it('is made up for by the next of its pool, in a namespace that refused nothing, that is not asked anyway', async () => {
    const { asked, results } = await probe([target('a', 'x'), target('c', 'waits')], reserves, { 'a/x': fault('denied') });
    expect(asked).toEqual(['a/x', 'c/waits', 'c/x']);
    expect(results).toEqual({ 'a/x': unread('denied'), 'c/waits': READ, 'c/x': READ });
  });

  it('is made up for by a pod of the same name elsewhere', async () => {
    const { asked } = await probe([target('a', 'web')], [target('b', 'web')], { 'a/web': fault('denied') });
    expect(asked).toEqual(['a/web', 'b/web']);
  });

  it('is made up for until one may be, or none is left', async () => {
    const faults = { 'a/x': fault('denied'), 'c/waits': fault('denied') };
    const { asked, results } = await probe([target('a', 'x')], reserves, faults);
    expect(asked).toEqual(['a/x', 'c/waits', 'b/one']);
    expect(results['b/one']).toEqual(READ);
    const all = { ...faults, 'b/one': fault('denied') };
    await expect(probe([target('a', 'x')], reserves, all)).rejects.toMatchObject({ code: 'denied' });
  });

  it('costs the others of its namespace, which are not asked', async () => {
    const { asked, results } = await probe([target('d', 'y'), target('a', 'x'), target('a', 'z')], [], { 'a/x': fault('denied') });
    expect(asked).toEqual(['d/y', 'a/x']);
    expect(results).toEqual({ 'd/y': READ, 'a/x': unread('denied'), 'a/z': unread('denied') });
  });
});

describe('a connection that fails', () => {
  it.each(['unreachable', 'unsupported', 'timed-out', 'conflict'] as const)('costs the pods of its node: %s', async (code) => {
    const targets = [target('a', 'x'), target('b', 'y'), target('b', 'z', 'n2')];
    const { asked, results } = await probe(targets, [], { 'a/x': fault(code) });
    expect(asked).toEqual(['a/x', 'b/z']);
    expect(results).toEqual({ 'a/x': unread(code), 'b/y': unread(code), 'b/z': READ });
    await expect(probe([target('a', 'x')], [], { 'a/x': fault(code) })).rejects.toMatchObject({ code });
  });

  it('for another reason ends the probe: nothing is known where nothing was read, and what was read stands', async () => {
    const targets = [target('a', 'x'), target('b', 'y', 'n2'), target('c', 'z', 'n3')];
    await expect(probe(targets, [], { 'a/x': fault('unauthenticated') })).rejects.toMatchObject({ code: 'unauthenticated' });
    const { asked, results } = await probe(targets, [], { 'b/y': fault('unauthenticated') });
    expect(asked).toEqual(['a/x', 'b/y']);
    expect(results).toEqual({ 'a/x': READ, 'b/y': unread('unauthenticated'), 'c/z': unread('unauthenticated') });
  });
});

it('a probe whose time is up asks no more pods, and says so of them', async () => {
  const ends = new AbortController();
  ends.abort();
  const { asked, results } = await probe([target('a', 'x')], [], {}, ends);
  expect([asked, results]).toEqual([[], { 'a/x': unread('The probe ended before it reached this pod.') }]);
});

it('nothing to ask and nothing asked is no failure', async () => {
  expect((await probe([], [], {})).proofs).toEqual([]);
  await expect(probe([target('a', 'x'), target('a', 'y')], [], { 'a/x': fault('denied') })).rejects.toMatchObject({ code: 'denied' });
});

it('a proof says whose pod it is and on which node, and a bug is no reading', async () => {
  const { proofs } = await probe([target('a', 'x')], [], {});
  expect(proofs).toEqual([
    {
      ...{ namespace: 'a', pod: 'x', ownerKind: 'Deployment', ownerName: 'x', ownerGroup: 'apps', runtimeClassName: 'kata-vm-isolation' },
      ...{ method: 'exec', at: AT, node: 'n1', nodePool: 'kata', nodeImageVersion: expect.any(String), nodeBootId: expect.any(String) },
      nodeKernel: expect.any(String),
      result: READ,
    },
  ]);
  await expect(probe([target('a', 'x')], [], { 'a/x': new TypeError('a bug') })).rejects.toThrow('a bug');
});
