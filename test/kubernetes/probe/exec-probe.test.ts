import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { comparedBootIds } from '../../../shared/domain/isolation/isolation-proof.ts';
import type { IsolationProof } from '../../../shared/domain/snapshot/snapshot.ts';
import { defaultEstate } from '../../../shared/local/estate/default-estate.ts';
import { clusterNamed, type EstateCluster } from '../../../shared/local/estate/model.ts';
import { type RunningEstate, startEstate } from '../../../shared/local/estate/server.ts';
import { NOW, PROBE_ALL, probed, probeOf } from './probed-cluster.ts';

const estate = defaultEstate('exec probe', NOW);
const lab = clusterNamed(estate, 'lab-probes-weu');
const LIMIT = { execMs: 1_500 };

const quick: EstateCluster = {
  ...lab,
  name: 'quick',
  workloads: lab.workloads.filter(({ name }) => name === 'own-kernel' || name === 'shared-kernel'),
};
const clusters: readonly EstateCluster[] = [
  lab,
  quick,
  clusterNamed(estate, 'pay-prod-neu'),
  { ...quick, name: 'no-exec', denied: ['get pods/exec'] },
  { ...quick, name: 'only-list', denied: ['get pods'] },
  { ...lab, name: 'system', workloads: withSystemWorkload() },
];

function withSystemWorkload(): EstateCluster['workloads'] {
  const own = lab.workloads.filter(({ name }) => name === 'own-kernel');
  return [...own, ...own.map((workload) => ({ ...workload, namespace: 'kube-system', name: 'agent' }))];
}

function estateOf(names: readonly EstateCluster[]) {
  const [subscription] = estate.subscriptions;
  if (subscription === undefined) throw new Error('The estate has no subscription.');
  return { ...estate, subscriptions: [{ ...subscription, clusters: [...names] }] };
}

let running: RunningEstate;
let old: RunningEstate;
let foreign: RunningEstate;
beforeAll(async () => {
  [running, old, foreign] = await Promise.all([
    startEstate(estateOf(clusters)),
    startEstate(estateOf([quick]), { execProtocols: ['v4.channel.k8s.io'] }),
    startEstate(estateOf([quick]), { execProtocols: [] }),
  ]);
});
afterAll(async () => {
  await Promise.all([running.stop(), old.stop(), foreign.stop()]);
});

async function proofsOf(...args: Parameters<typeof probed>): Promise<readonly IsolationProof[]> {
  const found = await probed(...args);
  if (found.state === 'unavailable') throw new Error(found.reason.message);
  return found.value;
}

/** The reading of each pod, by workload; equal readings of a workload appear once. */
function shown(proofs: readonly IsolationProof[]): readonly string[] {
  const lines = proofs.map((proof) => {
    const { namespace, ownerName, result } = proof;
    return `${namespace}/${ownerName}: ${result.state === 'unknown' ? result.reason : comparedBootIds(proof)}`;
  });
  return [...new Set(lines)].toSorted();
}

async function targetIn(cluster: string, workload: string) {
  const [proof] = (await proofsOf(running, cluster, LIMIT)).filter(({ ownerName }) => ownerName === workload);
  if (proof === undefined) throw new Error(`Nothing of ${workload} was probed.`);
  const { namespace, pod, ownerKind, ownerName, runtimeClassName = '', node } = proof;
  const found = { name: node, bootId: proof.nodeBootId, kernelVersion: proof.nodeKernel };
  const rest = {
    provisioner: 'agent-pool',
    ready: true,
    labels: {},
    osImage: '',
    containerRuntimeVersion: '',
    kubeletVersion: '',
    unschedulable: false,
  } as const;
  return { namespace, pod, ownerKind, ownerName, runtimeClassName, node: { ...rest, ...found } };
}

describe('exec in the pods of a cluster', () => {
  test('reads each planted case correctly, within its limits of time and output', async () => {
    expect(shown(await proofsOf(running, 'lab-probes-weu', LIMIT))).toEqual([
      'tenants/chatty: The command printed too much: more than two small files contain.',
      'tenants/distroless: The image has no tool that can read the kernel version.',
      'tenants/own-kernel: different',
      'tenants/shared-kernel: equal',
      'tenants/silent: The command did not end within 1.5 s.',
    ]);
  });

  test('recognizes pod VMs by their boot id when host and guest have the same kernel name', async () => {
    const proofs = await proofsOf(running, 'pay-prod-neu', LIMIT);
    const same = proofs.filter(({ nodeKernel, result }) => result.state === 'read' && result.kernel === nodeKernel);
    expect(same.length).toBeGreaterThan(0);
    expect(same.map(comparedBootIds)).toEqual(same.map(() => 'different'));
  });

  test('works with a server that supports only the older protocol', async () => {
    expect(shown(await proofsOf(old, 'quick'))).toEqual(['tenants/own-kernel: different', 'tenants/shared-kernel: equal']);
  });

  test('is unknown with a server that supports neither protocol', async () => {
    expect(await probed(foreign, 'quick')).toMatchObject({ state: 'unavailable', reason: { code: 'unreachable' } });
  });

  test('reads a pod with a list request when the identity may list pods but not get them, like the auditor', async () => {
    expect(shown(await proofsOf(running, 'only-list'))).toEqual(['tenants/own-kernel: different', 'tenants/shared-kernel: equal']);
  });

  test.each([['no-exec', 'The probe may not exec: the identity needs `create` on `pods/exec`.']])(
    'is forbidden in %s, which names the missing permission',
    async (name, message) => {
      expect(await probed(running, name)).toMatchObject({
        state: 'unavailable',
        reason: { code: 'denied', message: expect.stringContaining(message) },
      });
    },
  );

  test.each([
    [401, 'unauthenticated'],
    [429, 'throttled'],
  ])('is unknown when the server answers %d', async (status, code) => {
    const fault = running.faults.inject({ server: 'quick', path: /\/pods\//, times: 1, action: { kind: 'status', status } });
    try {
      expect(await probed(running, 'quick')).toMatchObject({ state: 'unavailable', reason: { code } });
      expect(fault.hits).toBe(1);
    } finally {
      fault.remove();
    }
  });
});

test('one answer of 500 affects only the pods of one node', async () => {
  const fault = running.faults.inject({ server: 'quick', path: /\/pods\//, times: 1, action: { kind: 'status', status: 500 } });
  try {
    const proofs = await proofsOf(running, 'quick', LIMIT);
    const unread = new Set(proofs.filter(({ result }) => result.state === 'unknown').map(({ node }) => node));
    expect(unread.size).toBe(1);
    expect(proofs.some(({ result }) => result.state === 'read')).toBe(true);
  } finally {
    fault.remove();
  }
});

describe('exec in one pod', () => {
  test('reports that the pod is deleted, has ended, or runs elsewhere, without running the command', async () => {
    const target = await targetIn('quick', 'own-kernel');
    const probe = await probeOf(running, 'quick');
    const signal = AbortSignal.timeout(10_000);
    expect(await probe.exec({ ...target, pod: 'nobody' }, signal)).toEqual({ state: 'unknown', reason: 'The pod no longer exists.' });
    const elsewhere = await probe.exec({ ...target, node: { ...target.node, name: 'another' } }, signal);
    expect(elsewhere).toEqual({ state: 'unknown', reason: 'A pod of this name runs on another node now.' });
  });

  test('ends when its caller aborts, and reports it', async () => {
    const target = await targetIn('lab-probes-weu', 'silent');
    const probe = await probeOf(running, 'lab-probes-weu', { execMs: 60_000 });
    expect(await probe.exec(target, AbortSignal.timeout(500))).toEqual({
      state: 'unknown',
      reason: 'The probe ended before the command ended.',
    });
    await expect(probe.exec(target, AbortSignal.abort())).rejects.toMatchObject({ code: 'timed-out' });
  });
});

describe('the sample of pods', () => {
  const few = (podsPerPool: number, over: Partial<typeof PROBE_ALL.probe> = {}) => ({
    ...PROBE_ALL,
    probe: { ...PROBE_ALL.probe, podsPerPool, ...over },
  });
  const pods = (proofs: readonly IsolationProof[]) => proofs.map(({ namespace, pod }) => `${namespace}/${pod}`);

  test.each([1, 2, 3])('has the size from the policy: %d', async (size) => {
    expect(await proofsOf(running, 'quick', { policy: few(size) })).toHaveLength(size);
  });

  test('is the same for the same seed, and has one pod of each workload before a second one', async () => {
    const [first, second] = [await proofsOf(running, 'quick', { policy: few(2) }), await proofsOf(running, 'quick', { policy: few(2) })];
    expect(pods(second)).toEqual(pods(first));
    expect(new Set(first.map(({ ownerName }) => ownerName)).size).toBe(2);
  });

  test('excludes system namespaces unless the policy includes them', async () => {
    const namespaces = async (over: Partial<typeof PROBE_ALL.probe>) =>
      new Set((await proofsOf(running, 'system', { policy: few(50, over) })).map(({ namespace }) => namespace));
    expect(await namespaces({})).toEqual(new Set(['tenants']));
    expect(await namespaces({ includeSystemNamespaces: true })).toEqual(new Set(['tenants', 'kube-system']));
  });
});
