import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../support/command.ts';
import { until } from './support/control-plane.ts';
import { aClass, aPodSpec, aWorkload, pathOf } from './support/objects.ts';
import { isThere, TITLE } from './support/programs.ts';
import { classInForce, reportOf, startWorld, type World, workload } from './support/world.ts';

const KATA = 'kata-vm-isolation';
const CLASSES = '/apis/node.k8s.io/v1/runtimeclasses';

/** The objects that controllers create while workloads change. Each test has its own namespace, and restores shared objects. */
describe.skipIf(!isThere)(`workloads that change ${TITLE}`, () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld();
    await world.grant('auditor.yaml');
  });
  afterAll(async () => world?.stop());

  const podsOf = (namespace: string) => world.api.list(pathOf('Pod', namespace));
  const setClass = (kind: 'Deployment' | 'StatefulSet', namespace: string, name: string) =>
    world.api.patch(pathOf(kind, namespace, name), { spec: { template: { spec: { runtimeClassName: KATA } } } });

  it('pass once the rollout has ended, although the list still contains an evicted pod of the older template', async () => {
    await world.tenant('evicted');
    await world.plant('Deployment', 'evicted', 'web');
    const [first] = await podsOf('evicted');
    if (first === undefined) throw new Error('The Deployment has no pod.');
    const status = { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' };
    await world.api.patch(`${pathOf('Pod', 'evicted', first.metadata.name)}/status`, { status });
    await setClass('Deployment', 'evicted', 'web');
    const live = async () => (await podsOf('evicted')).filter((pod) => pod.status?.phase === 'Running');
    await until('the rollout', async () => {
      const pods = await live();
      return pods.length === 2 && pods.every(({ spec }) => spec?.runtimeClassName === KATA);
    });
    expect((await podsOf('evicted')).map((pod) => pod.status?.phase)).toContain('Failed');
    const judged = (await world.audit()).of('workload-sandboxed', workload('Deployment', 'evicted', 'web'));
    expect(judged).toMatchObject([{ verdict: 'pass', facts: { pods: 2, finishedPods: 1 } }]);
  });

  it('fail for the older pods of a rollout that found no node, with a message about the newer pods', async () => {
    await world.tenant('rollout');
    await world.plant('Deployment', 'rollout', 'shop');
    await anotherSecond();
    await cordon(true);
    try {
      await setClass('Deployment', 'rollout', 'shop');
      await until('a pod that waits', async () => {
        const fresh = (await podsOf('rollout')).find(({ spec }) => spec?.runtimeClassName === KATA);
        return JSON.stringify(fresh?.status ?? {}).includes('Unschedulable');
      });
      const report = await world.audit();
      const [judged] = report.of('workload-sandboxed', workload('Deployment', 'rollout', 'shop'));
      expect(judged).toMatchObject({ verdict: 'fail', facts: { pods: 2 } });
      expect(judged?.message).toMatch(/A rollout is in progress: 1 newer pod .* waits to start: .*nodes are available/);
      expect(report.of('runtime-class-schedulable')).toMatchObject([{ verdict: 'fail', message: expect.stringContaining('cordoned') }]);
    } finally {
      await cordon(false);
    }
  });

  it('fail for the pods that a StatefulSet with OnDelete keeps, and name the update strategy', async () => {
    await world.tenant('kept');
    await world.plant('StatefulSet', 'kept', 'db');
    await world.api.patch(pathOf('StatefulSet', 'kept', 'db'), { spec: { updateStrategy: { type: 'OnDelete', rollingUpdate: null } } });
    await setClass('StatefulSet', 'kept', 'db');
    const subject = workload('StatefulSet', 'kept', 'db');
    const advice = async () => (await world.audit()).of('workload-sandboxed', subject)[0];
    expect(await advice()).toMatchObject({ verdict: 'fail', remediation: expect.stringContaining('OnDelete, or a partition,') });
    await anotherSecond();
    await world.api.ask('DELETE', pathOf('Pod', 'kept', 'db-1'), { gracePeriodSeconds: 0 });
    await until('db-1 in its class', async () =>
      (await podsOf('kept')).some(({ metadata, spec, status }) => {
        return metadata.name === 'db-1' && spec?.runtimeClassName === KATA && status?.phase === 'Running';
      }),
    );
    expect(await advice()).toMatchObject({
      verdict: 'fail',
      facts: { pods: 1 },
      message: expect.stringContaining('A rollout is in progress'),
    });
  });

  it('wait on nodes without Kata when a DaemonSet names only the class, and the finding names the node selector to add', async () => {
    await world.tenant('daemons');
    await world.api.must('POST', pathOf('DaemonSet', 'daemons'), aWorkload('DaemonSet', 'agent', aPodSpec(KATA)));
    const phases = async () => (await podsOf('daemons')).map(({ status }) => status?.phase).toSorted();
    await until('one pod that waits', async () => JSON.stringify(await phases()) === '["Pending","Running","Running"]');
    const subject = workload('DaemonSet', 'daemons', 'agent');
    expect((await world.audit()).of('sandboxed-pod-starts', subject)).toMatchObject([{ verdict: 'pass' }]);
    const look = await later(20);
    const [stuck] = look.of('sandboxed-pod-starts', subject);
    expect(stuck?.message).toMatch(
      /1 sandboxed pod waits to start.*Add the node selector kubernetes\.azure\.com\/kata-vm-isolation: "true"/,
    );
    await world.api.patch(pathOf('DaemonSet', 'daemons', 'agent'), {
      spec: { template: { spec: { nodeSelector: { 'kubernetes.azure.com/kata-vm-isolation': 'true' } } } },
    });
    await until('no pod that waits', async () => JSON.stringify(await phases()) === '["Running","Running"]');
    expect((await later(20)).of('sandboxed-pod-starts', subject)).toMatchObject([{ verdict: 'pass' }]);
  });

  it('do not hide that every Kata node is tainted when they tolerate everything', async () => {
    await world.tenant('blanket');
    await world.plant('Pod', 'blanket', 'anywhere', aPodSpec(KATA, { tolerations: [{ operator: 'Exists' }] }));
    const taint = async (taints: readonly object[]) => {
      for (const node of ['kata-0', 'kata-1']) await world.api.patch(`/api/v1/nodes/${node}`, { spec: { taints } });
    };
    await taint([{ key: 'team', value: 'other', effect: 'NoSchedule' }]);
    try {
      const report = await world.audit();
      expect(report.of('runtime-class-schedulable')).toMatchObject([
        { verdict: 'fail', message: expect.stringContaining('team=other:NoSchedule') },
      ]);
    } finally {
      await taint([]);
    }
  });

  it('are unknown after their class is deleted, and also after it is created again', async () => {
    await world.tenant('gone');
    await world.plant('Deployment', 'gone', 'pay', aPodSpec(KATA, { volumes: [{ name: 'h', hostPath: { path: '/' } }] }));
    const subject = workload('Deployment', 'gone', 'pay');
    await world.api.ask('DELETE', `${CLASSES}/${KATA}`);
    await classInForce(world, KATA, false);
    const report = await world.audit();
    expect(report.code).toBe(1);
    expect(report.of('runtime-class-exists')).toMatchObject([{ verdict: 'fail', message: expect.stringContaining('gone/pay') }]);
    for (const rule of ['workload-sandboxed', 'sandboxed-pod-host-path'])
      expect(report.of(rule, subject)).toMatchObject([{ verdict: 'unknown', message: expect.stringContaining('was deleted') }]);
    // Kubernetes keeps whole seconds: a class of the same second as its pods says nothing about their order.
    const newest = Math.max(...(await podsOf('gone')).map(({ metadata }) => Date.parse(String(metadata?.creationTimestamp))));
    await until('a second after the pods', async () => Date.now() >= newest + 1_000);
    await world.api.must('POST', CLASSES, aClass());
    await classInForce(world, KATA, true);
    expect((await world.audit()).of('workload-sandboxed', subject)).toMatchObject([{ verdict: 'unknown' }]);
  });

  /** The verdicts of the same snapshot some minutes later, with its time moved forward. */
  async function later(minutes: number) {
    const path = join(world.folder, 'later.json');
    await run(['collect', '--kubeconfig', world.kubeconfig('auditor'), '--out', path]);
    const saved = JSON.parse(await readFile(path, 'utf8'));
    const observedAt = new Date(Date.parse(saved.observedAt) + minutes * 60_000).toISOString();
    await writeFile(path, JSON.stringify({ ...saved, observedAt }));
    return reportOf(await run(['evaluate', path, '--format', 'json']));
  }

  /** Kubernetes stores creation times in seconds, so this waits until the next object is newer. */
  async function anotherSecond(): Promise<void> {
    const begun = Math.floor(Date.now() / 1000);
    await until('the next second', async () => Math.floor(Date.now() / 1000) > begun);
  }

  async function cordon(unschedulable: boolean): Promise<void> {
    for (const node of ['kata-0', 'kata-1']) await world.api.patch(`/api/v1/nodes/${node}`, { spec: { unschedulable } });
  }
});
