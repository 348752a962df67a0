import { expect, it } from 'vitest';
import { DEFAULT_POLICY, type Policy } from '../../shared/domain/policy/policy.ts';
import { Fault } from '../../shared/domain/snapshot/fault.ts';
import { observed } from '../../shared/domain/snapshot/observation.ts';
import type { ClusterReader } from '../../shared/ports/cluster-reader.ts';
import { readKubernetes } from '../../shared/usecases/collect-snapshot.ts';
import { aCluster, aKataNode, aNamespace, aRuntimeClass, someSettings } from '../support/a-snapshot.ts';

const POLICY: Policy = { ...DEFAULT_POLICY, rules: { 'admission-guardrail': 'on' } };

/** Reads a cluster, and returns the order in which its lists began and ended. */
async function look(faults: Partial<ClusterReader> = {}) {
  const course: string[] = [];
  const list =
    <T>(name: string, value: T) =>
    async () => {
      course.push(`asks ${name}`);
      await new Promise(setImmediate);
      course.push(`has ${name}`);
      return value;
    };
  const reader: ClusterReader = {
    nodes: list('nodes', [aKataNode()]),
    runtimeClasses: list('classes', [aRuntimeClass()]),
    namespaces: list('namespaces', [aNamespace('shop')]),
    volumes: list('volumes', []),
    workloads: list('pods', observed([])),
    templates: list('templates', observed([])),
    guardrails: list('guardrails', []),
    close: () => course.push('closes'),
    ...faults,
  };
  const listed = { cluster: aCluster(), settings: someSettings(), nodePools: observed([]) };
  const attempt = { policy: POLICY, observedAt: '2026-09-01T12:00:00.000Z', isLast: true, abortSignal: AbortSignal.timeout(20_000) };
  return { course, parts: await readKubernetes(async () => reader, listed, attempt) };
}

it('reads nodes, classes and namespaces concurrently, then the pods, and then the templates', async () => {
  const { course } = await look();

  expect(course.slice(0, 3).sort()).toEqual(['asks classes', 'asks namespaces', 'asks nodes']);
  expect(course.slice(3, 8).sort()).toEqual(['asks volumes', 'has classes', 'has namespaces', 'has nodes', 'has volumes']);
  const read = ['asks pods', 'asks guardrails', 'has pods', 'asks templates', 'has guardrails', 'has templates', 'closes'];
  expect(course.slice(8)).toEqual(read);
});

it('contains what it could read although one list was refused', async () => {
  const denied = async () => Promise.reject(new Fault('denied', 'No.'));

  const { parts } = await look({ nodes: denied, guardrails: denied });

  expect(parts).toMatchObject({
    nodes: { state: 'unavailable', reason: { code: 'denied' } },
    guardrails: { state: 'unavailable', reason: { code: 'denied' } },
    runtimeClasses: { state: 'observed' },
    namespaces: { state: 'observed' },
    workloads: { state: 'observed' },
  });
});

it('asks for no volumes where no class is known to start sandboxes', async () => {
  const denied = async () => Promise.reject(new Fault('denied', 'No.'));
  const plain = async () => [aRuntimeClass({ handler: 'runc' })];
  for (const runtimeClasses of [denied, plain]) expect((await look({ runtimeClasses })).course).not.toContain('asks volumes');
});
