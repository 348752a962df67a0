import type { IncomingMessage, ServerResponse } from 'node:http';
import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../shared/domain/policy/policy.ts';
import type { ClusterAccess } from '../../shared/kubernetes/client/access.ts';
import { type OpenOptions, openCluster } from '../../shared/kubernetes/open-cluster.ts';
import { startRawServer } from '../kubernetes/support/raw-server.ts';
import { aPodSpec, aTenant, pathOf } from './support/objects.ts';
import { isThere, TITLE } from './support/programs.ts';
import { startWorld, type World } from './support/world.ts';

/** Pods stay on the node that they are created on. Only requests of `admin` are exempt from the limit, because Kubernetes never limits `system:masters`. */
const OPTIONS = {
  controllers: false,
  flags: ['--disable-admission-plugins', 'ServiceAccount', '--enable-priority-and-fairness=false', '--max-requests-inflight', '1'],
};
const SPECS: readonly (readonly [name: string, spec: object])[] = [
  ['plain', aPodSpec(undefined)],
  ['sandboxed', aPodSpec('kata-vm-isolation')],
  ['host', aPodSpec('kata-vm-isolation', { hostNetwork: true, hostPID: true, volumes: [{ name: 'v', hostPath: { path: '/' } }] })],
  ['claim', aPodSpec('kata-vm-isolation', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }] })],
  ['sidecar', aPodSpec('kata-vm-isolation', { initContainers: [{ name: 's', image: 'i', restartPolicy: 'Always' }] })],
  ['gated', aPodSpec('kata-vm-isolation', { schedulingGates: [{ name: 'example.com/quota' }] })],
  ['tolerant', aPodSpec('kata-vm-isolation', { tolerations: [{ key: 'sandbox', operator: 'Exists' }] })],
];
const OWNERS = [
  undefined,
  { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-5d4f6c7b89', uid: 'u', controller: true },
  { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web\nkata-vm-isolation\nz', uid: 'u', controller: true },
  { apiVersion: 'apps.kruise.io/v1beta1', kind: 'StatefulSet', name: 'web', uid: 'u', controller: true },
];
const PHASES = ['Pending', 'Running', 'Succeeded', 'Failed'];

describe.skipIf(!isThere)(`lists ${TITLE}`, () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld(OPTIONS);
    await world.grant('auditor.yaml');
    await world.api.must('POST', '/api/v1/namespaces', aTenant('shop'));
    let count = 0;
    for (const [name, spec] of SPECS) for (const owner of OWNERS) await lay(world, `${name}-${count}`, spec, owner, count++);
  });
  afterAll(async () => world?.stop());

  const direct = (): ClusterAccess => ({
    server: world.server,
    credentials: async () => ({ tls: { ca: world.caPem }, headers: { authorization: 'Bearer auditor' } }),
    kubeConfig: () => Promise.reject(new Error('Not asked for here.')),
  });

  it('of one server are the same when streamed, in pages, and behind a proxy that supports only JSON', async () => {
    const streamed = await look(direct());
    expect(streamed.pods).toHaveLength(SPECS.length * OWNERS.length);
    expect(await look(direct(), { pageSize: 3 })).toEqual(streamed);
    const asked: string[] = [];
    const front = await startRawServer((ask, answer) => {
      asked.push(ask.headers.accept ?? '');
      inJson(world, ask, answer);
    });
    try {
      const access = front.access({ headers: { authorization: 'Bearer auditor' } });
      expect(await look(access)).toEqual(streamed);
      expect(await look(access, { pageSize: 3 })).toEqual(streamed);
    } finally {
      await front.stop();
    }
    expect(asked.some((accept) => accept.includes('protobuf'))).toBe(true);
  });

  it('are retried while the server answers 429, and become a gap when it does not stop', async () => {
    const late = { patienceMs: 500, random: () => 0 };
    let busy = await keepBusy(world);
    try {
      await expect(look(direct(), late)).rejects.toMatchObject({ code: 'throttled' });
    } finally {
      busy.end();
    }
    busy = await keepBusy(world);
    let waits = 0;
    const pause = async () => {
      waits += 1;
      busy.end();
      // The server notices that the other reader has disconnected when it writes to it again.
      await world.api.ask('GET', '/readyz');
    };
    const seen = await look(direct(), { patienceMs: 600_000, pause });
    expect(waits).toBeGreaterThan(0);
    expect(seen.pods).toHaveLength(SPECS.length * OWNERS.length);
  });
});

/** Creates pods with an owner and a phase, in turn, on the nodes. */
async function lay({ api }: World, name: string, spec: object, owner: object | undefined, at: number): Promise<void> {
  const nodeName = ['kata-0', 'kata-1', 'plain-0'][at % 3];
  const placed = name.startsWith('gated') ? spec : { ...spec, nodeName };
  const metadata = { name, labels: { app: name, tier: `t${at % 2}` }, ...(owner === undefined ? {} : { ownerReferences: [owner] }) };
  await api.must('POST', pathOf('Pod', 'shop'), { apiVersion: 'v1', kind: 'Pod', metadata, spec: placed });
  await api.patch(`${pathOf('Pod', 'shop', name)}/status`, { status: { phase: PHASES[at % PHASES.length] } });
}

/** Everything that a reader returns, and the names of all pods that it counted. */
async function look(access: ClusterAccess, list: OpenOptions['list'] = {}) {
  const reader = await openCluster(access, { clock: () => new Date(), list });
  const signal = AbortSignal.timeout(60_000);
  try {
    const nodes = await reader.nodes(signal);
    const runtimeClasses = await reader.runtimeClasses(signal);
    const namespaces = await reader.namespaces(signal);
    const workloads = await reader.workloads(
      { nodes, runtimeClasses, pods: { ...DEFAULT_POLICY.pods, mode: 'census' }, required: { why: 'every pod is read' }, seed: 's' },
      signal,
    );
    const groups = workloads.state === 'observed' ? workloads.value : [];
    const pods = groups.flatMap((group) => Array.from({ length: group.pods }, () => group.ownerName));
    return { nodes, runtimeClasses, namespaces, groups, pods };
  } finally {
    reader.close();
  }
}

/** Forwards a request and always asks for JSON. */
function inJson({ server, caPem }: World, { url = '/', headers }: IncomingMessage, answer: ServerResponse): void {
  const { authorization } = headers;
  const asked = request(new URL(url, server), { ca: caPem, headers: { authorization, accept: 'application/json' } }, (response) => {
    answer.writeHead(response.statusCode ?? 502, { 'content-type': response.headers['content-type'] });
    response.pipe(answer);
  });
  asked.on('error', (error) => answer.destroy(error));
  asked.end();
}

/** Occupies the server's only request slot: requests a large list, and does not read the answer. */
async function keepBusy({ api, server, caPem }: World): Promise<{ end(): void }> {
  const note = 'x'.repeat(200_000);
  for (let at = 0; at < 60; at++) {
    const metadata = { name: `large-${at}`, annotations: { note } };
    await api.ask('POST', '/api/v1/namespaces/default/configmaps', { apiVersion: 'v1', kind: 'ConfigMap', metadata });
  }
  await api.ask('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', READ_ALL);
  const headers = { authorization: 'Bearer nobody', accept: 'application/json' };
  return new Promise((done, fail) => {
    const asked = request(new URL('/api/v1/configmaps', server), { ca: caPem, headers, agent: false }, (response) => {
      response.pause();
      response.on('error', () => response.destroy());
      done({ end: () => asked.destroy() });
    });
    asked.on('error', fail);
    asked.end();
  });
}

const READ_ALL = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: 'readers' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'nobody' }],
};
