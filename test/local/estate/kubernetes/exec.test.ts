import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { promisify } from 'node:util';
import { CoreV1Api, Exec, KubeConfig, type V1Status } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { PROBE_COMMANDS, readProbeOutput } from '../../../../shared/domain/isolation/probe-output.ts';
import { buildCluster, kataPool, SYSTEM_POOL, sandboxed } from '../../../../shared/local/estate/build.ts';
import { EQUAL_KERNELS_IMAGE } from '../../../../shared/local/estate/images.ts';
import type { Estate, EstateCluster } from '../../../../shared/local/estate/model.ts';
import { type RunningEstate, startEstate } from '../../../../shared/local/estate/server.ts';
import { ask, readKubeconfig } from '../client.ts';

const NOW = new Date('2026-09-01T12:00:00.000Z');
const run = promisify(execFile);
let running: RunningEstate;
let config: KubeConfig;
let core: CoreV1Api;

function cluster(name: string, over: Partial<EstateCluster> = {}): EstateCluster {
  const job = (workload: string, probe?: 'shares-kernel' | 'no-tools' | 'hangs' | 'endless') =>
    sandboxed({
      namespace: 'jobs',
      name: workload,
      kind: 'StatefulSet',
      replicas: 1,
      nodePool: 'kata',
      ...(probe === undefined ? {} : { probe }),
    });
  return buildCluster(
    {
      name,
      pools: [SYSTEM_POOL, kataPool('kata', 1), kataPool('equal', 1, { nodeImageVersion: EQUAL_KERNELS_IMAGE })],
      workloads: [
        job('own-kernel'),
        job('shared-kernel', 'shares-kernel'),
        job('no-tools', 'no-tools'),
        job('hangs', 'hangs'),
        job('endless', 'endless'),
        { ...job('equal-kernels'), nodePool: 'equal' },
        { namespace: 'jobs', name: 'plain', kind: 'StatefulSet', replicas: 1, nodePool: 'kata' },
        { namespace: 'jobs', name: 'done', kind: 'Pod', replicas: 1, state: 'succeeded' },
      ],
      ...over,
    },
    NOW,
  );
}

beforeAll(async () => {
  const clusters = [
    cluster('open'),
    cluster('guarded', { denied: ['get pods/exec', 'create pods', 'list nodes'] }),
    cluster('full', { canaries: 'unschedulable' }),
    cluster('leaky', { canaries: 'vanish' }),
  ];
  const estate: Estate = {
    seed: 'exec test',
    now: NOW.toISOString(),
    subscriptions: [{ id: '11111111-1111-4111-8111-111111111111', name: 'one', managementGroup: 'root', clusters }],
  };
  running = await startEstate(estate);
  config = new KubeConfig();
  config.loadFromString(running.kubeconfigFor('open'));
  core = config.makeApiClient(CoreV1Api);
});
afterAll(() => running.stop());

async function exec(pod: string, command: readonly string[], from = config): Promise<{ output: string; status: V1Status }> {
  let output = '';
  const sink = () =>
    new Writable({
      write(chunk, _, done) {
        output += String(chunk);
        done();
      },
    });
  const { promise, resolve } = Promise.withResolvers<V1Status>();
  await new Exec(from).exec('jobs', pod, '', [...command], sink(), sink(), null, false, resolve);
  return { status: await promise, output };
}

async function bootIds(pod: string): Promise<{ pod: string; node: string; kernel: string; nodeKernel: string }> {
  const { spec } = await core.readNamespacedPod({ namespace: 'jobs', name: pod });
  const { status } = await core.readNode({ name: spec?.nodeName ?? '' });
  const read = readProbeOutput((await exec(pod, PROBE_COMMANDS[0] ?? [])).output);
  return {
    pod: read?.bootId ?? '',
    node: status?.nodeInfo?.bootID ?? '',
    kernel: read?.kernel ?? '',
    nodeKernel: status?.nodeInfo?.kernelVersion ?? '',
  };
}

describe('a command in a container', () => {
  test('of a pod VM runs on its own kernel', async () => {
    const seen = await bootIds('own-kernel-0');
    expect(seen.pod).toMatch(/^[0-9a-f]{8}-/);
    expect(seen.pod).not.toBe(seen.node);
  });

  test('of an ordinary container runs on the kernel of its node', async () => {
    const seen = await bootIds('plain-0');
    expect(seen.pod).toBe(seen.node);
    expect(seen.kernel).toBe(seen.nodeKernel);
  });

  test('of a broken sandbox runs on the kernel of its node', async () => {
    const seen = await bootIds('shared-kernel-0');
    expect(seen.pod).toBe(seen.node);
  });

  test('of a pod VM may have the same release and still another kernel', async () => {
    const seen = await bootIds('equal-kernels-0');
    expect(seen.kernel).toBe(seen.nodeKernel);
    expect(seen.pod).not.toBe(seen.node);
  });

  test('reads the same with a shell as with cat', async () => {
    const [byCat, byShell] = [await exec('own-kernel-0', PROBE_COMMANDS[0] ?? []), await exec('own-kernel-0', PROBE_COMMANDS[1] ?? [])];
    expect(readProbeOutput(byShell.output)).toEqual(readProbeOutput(byCat.output));
    expect(byCat.status).toMatchObject({ status: 'Success' });
  });

  test('that fails, or does not exist, ends with the message of a real one', async () => {
    expect((await exec('own-kernel-0', ['cat', '/nothing'])).status).toMatchObject({ reason: 'NonZeroExitCode' });
    const missing = (await exec('no-tools-0', ['cat', '/proc/version'])).status;
    expect(missing.message).toContain('"cat": executable file not found');
  });
});

describe('the connection of a command', () => {
  const connect = (pod: string, protocol: string, headers: Record<string, string> = { authorization: `Bearer ${running.token}` }) => {
    const { server } = readKubeconfig(running.kubeconfigFor('open'));
    const path = `/api/v1/namespaces/jobs/pods/${pod}/exec?command=uname&command=-r&stdout=true`;
    return new WebSocket(`${server.replace('https', 'wss')}${path}`, protocol, { ca: running.caPem, headers });
  };
  const refusedWith = (socket: WebSocket) =>
    new Promise<number>((done) => {
      socket.on('error', () => undefined);
      socket.on('unexpected-response', (_, response) => done(response.statusCode ?? 0));
    });

  test.each(['v5.channel.k8s.io', 'v4.channel.k8s.io'])('supports %s', async (protocol) => {
    const socket = connect('own-kernel-0', protocol);
    const messages: Buffer[] = [];
    socket.on('message', (data: Buffer) => messages.push(data));
    await new Promise((done) => socket.on('close', done));
    expect(socket.protocol).toBe(protocol);
    expect(messages.map(([channel]) => channel)).toEqual([1, 1, 3]);
    expect(messages[1]?.subarray(1).toString()).toMatch(/^6\.6\.137\.mshv1-1\.azl3\n$/);
  });

  test('is refused without a credential, for missing pods, and for pods that have ended', async () => {
    expect(await refusedWith(connect('own-kernel-0', 'v5.channel.k8s.io', {}))).toBe(401);
    expect(await refusedWith(connect('nothing', 'v5.channel.k8s.io'))).toBe(404);
    expect(await refusedWith(connect('done', 'v5.channel.k8s.io'))).toBe(400);
  });

  test('sends nothing for a command that hangs, and never stops for one that does not end', async () => {
    const silent = connect('hangs-0', 'v5.channel.k8s.io');
    await new Promise((done) => silent.once('message', done));
    const loud = connect('endless-0', 'v5.channel.k8s.io');
    let bytes = 0;
    let heard = 0;
    silent.on('message', () => {
      heard += 1;
    });
    await new Promise<void>((done) => {
      loud.on('message', (data: Buffer) => {
        bytes += data.length;
        if (bytes > 10_000) done();
      });
    });
    expect(heard).toBe(0);
    silent.terminate();
    loud.terminate();
  });
});

describe('the life of a created pod', () => {
  const canary = (name: string, over: Record<string, unknown> = {}) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { 'kataudit.io/probe': 'canary' } },
    spec: { containers: [{ name: 'canary', image: 'busybox', command: [...(PROBE_COMMANDS[0] ?? [])] }], ...over },
  });
  const coreOf = (name: string) => {
    const other = new KubeConfig();
    other.loadFromString(running.kubeconfigFor(name));
    return other.makeApiClient(CoreV1Api);
  };
  const namespace = 'jobs';

  test('runs its command, writes its output to the log, appears in lists, and ends when deleted', async () => {
    await core.createNamespacedPod({ namespace, body: canary('first', { runtimeClassName: 'kata-vm-isolation' }) });
    const pod = await core.readNamespacedPod({ namespace, name: 'first' });
    expect(pod).toMatchObject({ spec: { overhead: { memory: '600Mi' } }, status: { phase: 'Succeeded' } });
    const { status } = await core.readNode({ name: pod.spec?.nodeName ?? '' });
    const read = readProbeOutput(await core.readNamespacedPodLog({ namespace, name: 'first' }));
    expect(read?.bootId).not.toBe(status?.nodeInfo?.bootID);
    const listed = async () => (await core.listNamespacedPod({ namespace, labelSelector: 'kataudit.io/probe=canary' })).items;
    expect((await listed()).map(({ metadata }) => metadata?.name)).toEqual(['first']);
    await core.deleteNamespacedPod({ namespace, name: 'first' });
    expect(await listed()).toEqual([]);
    await expect(core.readNamespacedPod({ namespace, name: 'first' })).rejects.toMatchObject({ code: 404 });
  });

  test('is refused like by a real API server', async () => {
    const create = (body: ReturnType<typeof canary>, where = namespace) => core.createNamespacedPod({ namespace: where, body });
    await expect(create(canary('x'), 'nowhere')).rejects.toMatchObject({ code: 404 });
    await expect(create(canary('x', { runtimeClassName: 'no-such-class' }))).rejects.toMatchObject({ code: 403 });
    await expect(create(canary('own-kernel-0'))).rejects.toMatchObject({ code: 409 });
    await expect(core.deleteNamespacedPod({ namespace, name: 'own-kernel-0' })).rejects.toMatchObject({ code: 403 });
  });

  test('is placed on its node, runs as long as its command, and fails without one', async () => {
    const { items } = await core.listNode();
    const node = items.find(({ metadata }) => metadata?.labels?.agentpool === 'equal')?.metadata?.name ?? '';
    const matchFields = [{ key: 'metadata.name', operator: 'In', values: [node] }];
    const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] } } };
    await core.createNamespacedPod({
      namespace,
      body: canary('stays', { affinity, containers: [{ name: 'c', command: ['sleep', '1'] }] }),
    });
    expect(await core.readNamespacedPod({ namespace, name: 'stays' })).toMatchObject({
      spec: { nodeName: node },
      status: { phase: 'Running' },
    });
    await core.createNamespacedPod({ namespace, body: canary('fails', { containers: [{ name: 'c', command: ['no-such-program'] }] }) });
    expect(await core.readNamespacedPod({ namespace, name: 'fails' })).toMatchObject({ status: { phase: 'Failed' } });
    for (const name of ['stays', 'fails']) await core.deleteNamespacedPod({ namespace, name });
  });

  test('stays pending in a full cluster, disappears from a leaky one, and is forbidden in a guarded one', async () => {
    await coreOf('full').createNamespacedPod({ namespace, body: canary('waits') });
    expect(await coreOf('full').readNamespacedPod({ namespace, name: 'waits' })).toMatchObject({
      status: { phase: 'Pending', conditions: [{ reason: 'Unschedulable' }] },
    });
    await coreOf('leaky').createNamespacedPod({ namespace, body: canary('vanishes') });
    await expect(coreOf('leaky').readNamespacedPod({ namespace, name: 'vanishes' })).rejects.toMatchObject({ code: 404 });
    await expect(coreOf('guarded').createNamespacedPod({ namespace, body: canary('x') })).rejects.toMatchObject({ code: 403 });
    await expect(coreOf('guarded').listNode()).rejects.toMatchObject({ code: 403 });
  });
});

test('a review of access reports what the cluster denies and allows', async () => {
  const { server } = readKubeconfig(running.kubeconfigFor('guarded'));
  const review = async (resourceAttributes: Record<string, string>) => {
    const body = { spec: { resourceAttributes } };
    const reply = await ask(running, `${server}/apis/authorization.k8s.io/v1/selfsubjectaccessreviews`, { method: 'POST', body });
    return reply.json<{ status: { allowed: boolean } }>().status.allowed;
  };
  expect(await review({ verb: 'get', resource: 'pods', subresource: 'exec' })).toBe(false);
  expect(await review({ verb: 'list', resource: 'pods' })).toBe(true);
});

const kubectl = await run('kubectl', ['version', '--client']).then(
  () => true,
  () => false,
);

test.runIf(kubectl)('kubectl itself can list, exec and read logs', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'estate-'));
  try {
    const file = join(folder, 'kubeconfig');
    await writeFile(file, running.kubeconfigFor('open'));
    const call = async (...args: string[]) =>
      (await run('kubectl', ['--kubeconfig', file, '--cache-dir', folder, '-n', 'jobs', ...args])).stdout;
    expect(await call('get', 'pods', '-o', 'name')).toContain('pod/own-kernel-0');
    expect(await call('get', 'pods')).toMatch(/^own-kernel-0 +1\/1 +Running +0 +\d+/m);
    expect(await call('get', 'pod', 'done', '-o', 'wide')).toMatch(/^done +0\/1 +Succeeded .+aks-/m);
    expect(await call('get', 'nodes')).toMatch(/^aks-kata-\S+ +Ready +<none> +\S+ +v1\.34\.2$/m);
    expect(await call('get', 'runtimeclasses')).toMatch(/^kata-vm-isolation +kata +/m);
    expect(await call('get', 'namespaces')).toMatch(/^jobs +Active +/m);
    expect(await call('exec', 'own-kernel-0', '--', 'uname', '-r')).toBe('6.6.137.mshv1-1.azl3\n');
    expect(await call('logs', 'own-kernel-0')).toContain('is serving');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
