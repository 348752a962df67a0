import { CoreV1Api, KubeConfig, type V1Pod } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { comparedBootIds } from '../../../shared/domain/isolation/isolation-proof.ts';
import type { ProbeOptions } from '../../../shared/kubernetes/probe/open-probe.ts';
import { defaultEstate } from '../../../shared/local/estate/default-estate.ts';
import { clusterNamed, type EstateCluster } from '../../../shared/local/estate/model.ts';
import type { FaultRule } from '../../../shared/local/estate/server/fault-injection.ts';
import { type RunningEstate, startEstate } from '../../../shared/local/estate/server.ts';
import { NOW, PROBE_ALL, probed, probeOf } from './probed-cluster.ts';

const estate = defaultEstate('canary probe', NOW);
const lab = clusterNamed(estate, 'lab-probes-weu');
const namespace = 'default';
const clusters: readonly EstateCluster[] = [
  lab,
  { ...lab, name: 'full', canaries: 'unschedulable' },
  { ...lab, name: 'leaky', canaries: 'vanish' },
  { ...lab, name: 'no-create', denied: ['create pods'] },
  { ...lab, name: 'no-create-nor-delete', denied: ['create pods', 'delete pods'] },
  { ...lab, name: 'no-delete', denied: ['delete pods'] },
  { ...lab, name: 'no-log', denied: ['get pods/log'] },
  { ...lab, name: 'only-list', denied: ['get pods'] },
  { ...lab, name: 'no-look', denied: ['get pods', 'list pods'] },
  { ...lab, name: 'faulty' },
  { ...lab, name: 'left' },
];

let running: RunningEstate;
beforeAll(async () => {
  const [subscription] = estate.subscriptions;
  if (subscription === undefined) throw new Error('The estate has no subscription.');
  running = await startEstate({ ...estate, subscriptions: [{ ...subscription, clusters: [...clusters] }] });
});
afterAll(() => running.stop());

/** Never sleeps. */
const AT_ONCE: ProbeOptions = { pause: async () => undefined, limitMs: 10_000 };

function coreOf(cluster: string): CoreV1Api {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString(running.kubeconfigFor(cluster));
  return kubeConfig.makeApiClient(CoreV1Api);
}

/** The pods in the canaries' namespace that the test did not create. */
async function left(cluster: string): Promise<readonly string[]> {
  const { items } = await coreOf(cluster).listNamespacedPod({ namespace });
  return items.flatMap(({ metadata }) => (metadata?.name?.startsWith('kataudit-canary-') === true ? [metadata.name] : []));
}

async function aNode(cluster: string): Promise<string> {
  const { items } = await coreOf(cluster).listNode();
  return items.find(({ metadata }) => metadata?.labels?.agentpool === 'kata')?.metadata?.name ?? '';
}

async function oneCanary(cluster: string, options: ProbeOptions = {}, signal: AbortSignal = AbortSignal.timeout(10_000)) {
  const probe = await probeOf(running, cluster, { ...AT_ONCE, ...options });
  const { image, resources } = PROBE_ALL.probe;
  return probe.canary({ namespace, image, resources, node: await aNode(cluster), runtimeClassName: 'kata-vm-isolation' }, signal);
}

const asked = (cluster: string, method: string) => running.requests.filter((one) => one.server === cluster && one.method === method);

describe('canaries', () => {
  test('run with and without a pod VM on the intended nodes, and are deleted', async () => {
    const found = await probed(running, 'lab-probes-weu', { ...AT_ONCE, mode: 'canary' });
    if (found.state === 'unavailable') throw new Error(found.reason.message);
    const columns = found.value.map((proof) => [proof.nodePool, proof.runtimeClassName ?? 'runc', comparedBootIds(proof)]);
    expect(columns).toEqual([
      ['kata', 'kata-vm-isolation', 'different'],
      ['kata', 'runc', 'equal'],
      ['system', 'runc', 'equal'],
    ]);
    expect(await left('lab-probes-weu')).toEqual([]);
    expect(asked('lab-probes-weu', 'POST')).toHaveLength(3);
    expect(asked('lab-probes-weu', 'DELETE').map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  test('comply with restricted Pod Security, are labeled, and end by themselves', async () => {
    let made: V1Pod | undefined;
    const reading = oneCanary('full', {
      pause: async () => {
        [made] = (await coreOf('full').listNamespacedPod({ namespace, labelSelector: 'kataudit.io/probe=canary' })).items;
        throw new Error('seen');
      },
    });
    await expect(reading).rejects.toThrow('seen');
    expect(made?.metadata?.labels).toEqual({ 'app.kubernetes.io/managed-by': 'kataudit', 'kataudit.io/probe': 'canary' });
    expect(made?.spec).toMatchObject({
      runtimeClassName: 'kata-vm-isolation',
      restartPolicy: 'Never',
      activeDeadlineSeconds: 60,
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          image: PROBE_ALL.probe.image,
          resources: { requests: PROBE_ALL.probe.resources, limits: PROBE_ALL.probe.resources },
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
        },
      ],
    });
    for (const forbidden of ['hostNetwork', 'hostPID', 'hostIPC', 'volumes', 'nodeName'])
      expect(Object.keys(made?.spec ?? {})).not.toContain(forbidden);
    expect(await left('full')).toEqual([]);
  });
});

describe('a canary is deleted', () => {
  test('when it cannot be scheduled, and the reading says why', async () => {
    expect(await oneCanary('full', { limitMs: 200, pause: (_, signal) => ended(signal) })).toEqual({
      state: 'unknown',
      reason: 'The canary did not end in time: Unschedulable.',
    });
    expect(await left('full')).toEqual([]);
  });

  test('when it disappears', async () => {
    expect(await oneCanary('leaky')).toMatchObject({ state: 'unknown', reason: expect.stringMatching(/was deleted/) });
    expect(await left('leaky')).toEqual([]);
  });

  test('when its caller aborts', async () => {
    const controller = new AbortController();
    const reading = oneCanary('full', { pause: async () => controller.abort() }, controller.signal);
    expect(await reading).toMatchObject({ state: 'unknown' });
    expect(await left('full')).toEqual([]);
  });

  test.each(['no-log', 'no-look'])('when it may not be read: %s', async (cluster) => {
    await expect(oneCanary(cluster)).rejects.toMatchObject({ code: 'denied', message: expect.stringMatching(/needs `get` on `pods/) });
    expect(asked(cluster, 'DELETE').map(({ status }) => status)).toEqual([200]);
    if (cluster === 'no-log') expect(await left(cluster)).toEqual([]);
  });

  test('when it may be listed, but not read', async () => {
    expect((await oneCanary('only-list')).state).not.toBe('unknown');
    expect(await left('only-list')).toEqual([]);
  });

  const at = (method: string, path: RegExp, action: FaultRule['action']): FaultRule => ({
    server: 'faulty',
    method,
    path,
    times: 1,
    action,
  });
  test.each<[string, FaultRule]>([
    ['its log fails', at('GET', /\/log\b/, { kind: 'status', status: 500 })],
    ['its log is truncated', at('GET', /\/log\b/, { kind: 'cut' })],
    ['reading it fails', at('GET', /kataudit-canary-[^/]*$/, { kind: 'status', status: 503 })],
    ['the answer to its creation is lost', at('POST', /\/pods$/, { kind: 'cut', afterBytes: 5 })],
    ['its creation fails with a status that does not show whether it was created', at('POST', /\/pods$/, { kind: 'status', status: 504 })],
  ])('when %s', async (_, rule) => {
    const fault = running.faults.inject(rule);
    try {
      await expect(oneCanary('faulty')).rejects.toMatchObject({ code: 'unreachable' });
      expect(fault.hits).toBe(1);
    } finally {
      fault.remove();
    }
    expect(await left('faulty')).toEqual([]);
  });

  test('when its log hangs, at its time limit', async () => {
    const fault = running.faults.inject(at('GET', /\/log\b/, { kind: 'hang' }));
    try {
      expect(await oneCanary('faulty', { limitMs: 400 })).toEqual({
        state: 'unknown',
        reason: 'The canary did not end in time: the API server did not answer.',
      });
    } finally {
      fault.remove();
    }
    expect(await left('faulty')).toEqual([]);
  });
});

describe('a canary that may not be', () => {
  test.each(['no-create', 'no-create-nor-delete'])('created is reported as such, and nothing is deleted: %s', async (cluster) => {
    const found = await probed(running, cluster, { ...AT_ONCE, mode: 'canary' });
    const message = 'Cannot create a canary: the identity needs `create` on `pods` in default.';
    expect(found).toMatchObject({ state: 'unavailable', reason: { code: 'denied', message: expect.stringContaining(message) } });
    expect(asked(cluster, 'POST')).toHaveLength(1);
    expect(asked(cluster, 'DELETE')).toEqual([]);
  });

  test('deleted is the last one, is reported, and ends by its own deadline', async () => {
    const found = await probed(running, 'no-delete', { ...AT_ONCE, mode: 'canary' });
    expect(found).toMatchObject({ state: 'unavailable', reason: { code: 'denied', message: expect.stringMatching(/`delete` on `pods`/) } });
    expect(asked('no-delete', 'POST')).toHaveLength(1);
    expect(await left('no-delete')).toHaveLength(1);
  });
});

describe('a sweep', () => {
  const own = { 'app.kubernetes.io/managed-by': 'kataudit', 'kataudit.io/probe': 'canary' };
  const create = (name: string, labels: Record<string, string>, where = namespace) =>
    coreOf('left').createNamespacedPod({
      namespace: where,
      body: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, labels },
        spec: { containers: [{ name: 'c', image: 'i', command: ['sleep', '9'] }] },
      },
    });
  const later = (minutes: number): ProbeOptions => ({ now: () => new Date(Date.now() + minutes * 60_000) });
  const names = async () => {
    const { items } = await coreOf('left').listPodForAllNamespaces();
    return items.flatMap(({ metadata }) => (/^(mine|theirs)/.test(metadata?.name ?? '') ? [metadata?.name ?? ''] : [])).toSorted();
  };

  test('deletes the canaries of a crashed run, and neither those of a running one nor other pods', async () => {
    await create('mine', own);
    await create('mine-elsewhere', own, 'tenants');
    await create('theirs-unlabelled', {});
    await create('theirs-managed', { 'app.kubernetes.io/managed-by': 'kataudit' });
    await create('theirs-canary', { 'app.kubernetes.io/managed-by': 'flagger', 'kataudit.io/probe': 'canary' });
    const all = ['mine', 'mine-elsewhere', 'theirs-canary', 'theirs-managed', 'theirs-unlabelled'];
    const signal = AbortSignal.timeout(10_000);
    expect(await (await probeOf(running, 'left', later(9))).sweep(namespace, signal)).toBe(0);
    expect(await names()).toEqual(all);
    expect(await (await probeOf(running, 'left', later(11))).sweep(namespace, signal)).toBe(1);
    expect(await names()).toEqual(all.filter((name) => name !== 'mine'));
  });
});

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    else signal.addEventListener('abort', () => done(), { once: true });
  });
}
