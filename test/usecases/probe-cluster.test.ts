import { describe, expect, it } from 'vitest';
import type { ProbeTarget } from '../../shared/domain/isolation/probe-targets.ts';
import { DEFAULT_POLICY, type Policy } from '../../shared/domain/policy/policy.ts';
import { Fault } from '../../shared/domain/snapshot/fault.ts';
import { FULL, type Observation, unavailable } from '../../shared/domain/snapshot/observation.ts';
import type { PodGroup } from '../../shared/domain/snapshot/pod-group.ts';
import type { IsolationProof, KubernetesNode, RuntimeClass } from '../../shared/domain/snapshot/snapshot.ts';
import type { Canary, IsolationProbe, ProbeReading } from '../../shared/ports/isolation-probe.ts';
import { probeCluster } from '../../shared/usecases/probe-cluster.ts';

const NODE_BOOT = '11111111-1111-4111-8111-111111111111';
const POD_BOOT = '22222222-2222-4222-8222-222222222222';
const AT = '2026-11-20T12:00:00.000Z';
const node = (name: string, handlers: readonly string[] = ['', 'kata']): KubernetesNode => ({
  name,
  nodePool: handlers.includes('kata') ? 'kata' : 'plain',
  provisioner: 'agent-pool',
  ready: true,
  runtimeHandlers: handlers,
  labels: {},
  nodeImageVersion: 'image-1',
  kernelVersion: '6.6.host',
  bootId: NODE_BOOT,
  osImage: '',
  containerRuntimeVersion: '',
  kubeletVersion: '',
  unschedulable: false,
});
const group: PodGroup = {
  namespace: 'app',
  ownerKind: 'Deployment',
  ownerName: 'web',
  labels: {},
  runtimeClassName: 'kata-vm-isolation',
  pods: 1,
  phases: { pending: 0, running: 1, succeeded: 0, failed: 0, unknown: 0 },
  waiting: 0,
  placement: { unscheduled: 0, handlerListed: 1, handlerMissing: 0, unknown: 0, onKataNode: 1 },
  features: { hostPath: 0, hostNetwork: 0, hostPid: 0, hostIpc: 0, privileged: 0, noMemoryLimit: 0, noOverhead: 0 },
  podsByNodePool: {},
  examples: [{ name: 'web-0', node: 'n1' }],
};
const observed = <T>(value: T): Observation<T> => ({ state: 'observed', value, coverage: FULL });
const classes: readonly RuntimeClass[] = [{ name: 'kata-vm-isolation', handler: 'kata', nodeSelector: {} }];
const seen = (nodes: readonly KubernetesNode[] = [node('n1')]) => ({
  cluster: { id: 'c', name: 'prod', subscriptionId: '', resourceGroup: '', location: '', tags: {} },
  observedAt: AT,
  nodes: observed(nodes),
  runtimeClasses: observed(classes),
  workloads: observed([group]),
});
const policy: Policy = { ...DEFAULT_POLICY, probe: { ...DEFAULT_POLICY.probe, image: 'registry/canary:1' } };

function aProbe(read: (canary?: Canary, target?: ProbeTarget) => ProbeReading | Fault) {
  const calls: string[] = [];
  const give = async (reading: ProbeReading | Fault) => {
    if (reading instanceof Fault) throw reading;
    return reading;
  };
  const probe: IsolationProbe = {
    exec: (target) => {
      calls.push(`exec ${target.pod}`);
      return give(read(undefined, target));
    },
    canary: (canary) => {
      calls.push(`canary ${canary.node} ${canary.runtimeClassName ?? 'default'}`);
      return give(read(canary));
    },
    sweep: async () => {
      calls.push('sweep');
      return 0;
    },
    close: () => {
      calls.push('close');
    },
  };
  return { calls, open: async () => probe };
}
const signal = () => new AbortController().signal;
const resultsOf = (observation: Observation<readonly IsolationProof[]>) =>
  observation.state === 'observed' ? observation.value.map(({ result }) => result) : observation.reason;

describe('probing a cluster', () => {
  it('does nothing when it is off, or when the policy excludes the cluster', async () => {
    const { calls, open } = aProbe(() => ({ state: 'unknown', reason: 'never asked' }));
    const elsewhere = { ...policy, probe: { ...policy.probe, clusters: ['stage-*'] } };

    expect(await probeCluster({ mode: 'off', open }, seen(), { policy, abortSignal: signal() })).toMatchObject({
      reason: { code: 'not-asked' },
    });
    expect(await probeCluster({ mode: 'exec', open }, seen(), { policy: elsewhere, abortSignal: signal() })).toMatchObject({
      reason: { code: 'not-asked' },
    });
    expect(calls).toEqual([]);
  });

  it('records the reading of a running pod, and the values of its node', async () => {
    const { calls, open } = aProbe(() => ({ state: 'read', output: `${POD_BOOT}\n` }));
    const result = await probeCluster({ mode: 'exec', open }, seen(), { policy, abortSignal: signal() });

    expect(result).toMatchObject({
      value: [
        {
          pod: 'web-0',
          method: 'exec',
          at: AT,
          nodeBootId: NODE_BOOT,
          nodeKernel: '6.6.host',
          result: { state: 'read', bootId: POD_BOOT },
        },
      ],
    });
    expect(calls).toEqual(['exec web-0', 'close']);
  });

  it('keeps a reading without a boot id as unknown, with its reason', async () => {
    const noise = aProbe(() => ({ state: 'read', output: 'hello' }));
    const silent = aProbe(() => ({ state: 'unknown', reason: 'The image has no tool that can read the kernel version.' }));

    expect(resultsOf(await probeCluster({ mode: 'exec', open: noise.open }, seen(), { policy, abortSignal: signal() }))).toEqual([
      { state: 'unknown', reason: 'The output of the pod contains no boot id.' },
    ]);
    expect(resultsOf(await probeCluster({ mode: 'exec', open: silent.open }, seen(), { policy, abortSignal: signal() }))).toEqual([
      { state: 'unknown', reason: 'The image has no tool that can read the kernel version.' },
    ]);
  });

  it('does not probe again while an earlier proof is valid', async () => {
    const first = aProbe(() => ({ state: 'read', output: POD_BOOT }));
    const proofs = await probeCluster({ mode: 'exec', open: first.open }, seen(), { policy, abortSignal: signal() });
    const again = aProbe(() => ({ state: 'read', output: POD_BOOT }));

    expect(
      await probeCluster(
        { mode: 'exec', open: again.open },
        seen(),
        { policy, abortSignal: signal() },
        proofs.state === 'observed' ? proofs.value : [],
      ),
    ).toEqual(proofs);
    expect(again.calls).toEqual(['close']);
  });

  it('is unavailable as a whole without the permission, and releases the connection', async () => {
    const { calls, open } = aProbe(() => new Fault('denied', 'needs `create` on `pods/exec`'));

    expect(await probeCluster({ mode: 'exec', open }, seen(), { policy, abortSignal: signal() })).toMatchObject({
      reason: { code: 'denied', message: expect.stringContaining('pods/exec') },
    });
    expect(calls.at(-1)).toBe('close');
  });

  it('reads only pods that a class of a sandbox starts', async () => {
    const { calls, open } = aProbe(() => ({ state: 'read', output: POD_BOOT }));
    const plain = { ...group, runtimeClassName: 'plain', examples: [{ name: 'plain-0', node: 'n1' }] };
    const both = [...classes, { name: 'plain', handler: 'runc', nodeSelector: {} }];
    const look = { ...seen(), runtimeClasses: observed(both), workloads: observed([plain, group]) };
    await probeCluster({ mode: 'exec', open }, look, { policy, abortSignal: signal() });
    expect(calls).toEqual(['exec web-0', 'close']);
  });

  it('is unavailable for the reason that prevented reading the pods', async () => {
    const { calls, open } = aProbe(() => ({ state: 'unknown', reason: '' }));
    const hidden = { ...seen(), workloads: unavailable('denied', '403 on pods') };

    expect(await probeCluster({ mode: 'exec', open }, hidden, { policy, abortSignal: signal() })).toMatchObject({
      reason: { code: 'denied' },
    });
    expect(calls).toEqual([]);
  });
});

describe('a refused exec', () => {
  const inNamespace = (namespace: string) => ({ ...group, namespace, examples: [{ name: `${namespace}-0`, node: 'n1' }] });
  const three = { ...seen(), workloads: observed(['a', 'b', 'c'].map(inNamespace)) };
  const one = { ...policy, probe: { ...policy.probe, podsPerPool: 1 } };
  const refusal = (namespace = '') => new Fault('denied', `May not exec in ${namespace}.`);

  it('affects only its namespace, and never hides a pod that shares its node’s kernel', async () => {
    const { calls, open } = aProbe((_, target) =>
      target?.namespace === 'b' ? { state: 'read', output: NODE_BOOT } : refusal(target?.namespace),
    );
    const result = await probeCluster({ mode: 'exec', open }, three, { policy, abortSignal: signal() });

    expect(calls).toHaveLength(4);
    expect(resultsOf(result)).toEqual(
      expect.arrayContaining([
        { state: 'read', bootId: NODE_BOOT },
        { state: 'unknown', reason: 'May not exec in a.' },
        { state: 'unknown', reason: 'May not exec in c.' },
      ]),
    );
  });

  it('is compensated by pods of other namespaces, until one may be read', async () => {
    const { calls, open } = aProbe((_, target) => (target?.namespace === 'b' ? { state: 'read', output: NODE_BOOT } : refusal()));
    const result = await probeCluster({ mode: 'exec', open }, three, { policy: one, abortSignal: signal() });

    expect(calls).toContain('exec b-0');
    expect(resultsOf(result)).toContainEqual({ state: 'read', bootId: NODE_BOOT });
  });

  it('is tried once per namespace', async () => {
    const examples = ['a-0', 'a-1', 'a-2'].map((name) => ({ name, node: 'n1' }));
    const { calls, open } = aProbe(() => refusal('a'));
    const result = await probeCluster(
      { mode: 'exec', open },
      { ...seen(), workloads: observed([{ ...inNamespace('a'), examples }]) },
      { policy, abortSignal: signal() },
    );

    expect(calls.filter((call) => call.startsWith('exec'))).toHaveLength(1);
    expect(result).toMatchObject({ reason: { code: 'denied', message: 'May not exec in a.' } });
  });

  it.each(['unreachable', 'unsupported', 'timed-out'] as const)('costs its node alone where the way to its kubelet is %s', async (code) => {
    const onNode = (namespace: string, at: string) => ({ ...group, namespace, examples: [{ name: `${namespace}-0`, node: at }] });
    const two = { ...seen([node('n1'), node('n2')]), workloads: observed([onNode('a', 'n1'), onNode('b', 'n2'), onNode('c', 'n1')]) };
    const { calls, open } = aProbe((_, target) =>
      target?.node.name === 'n1' ? new Fault(code, 'dial tcp 10.0.0.4:10250: connection refused') : { state: 'read', output: NODE_BOOT },
    );
    const results = resultsOf(await probeCluster({ mode: 'exec', open }, two, { policy, abortSignal: signal() }));

    expect(calls.filter((call) => call.startsWith('exec'))).toHaveLength(2);
    const unread = { state: 'unknown', reason: 'dial tcp 10.0.0.4:10250: connection refused' };
    expect(results).toEqual(expect.arrayContaining([{ state: 'read', bootId: NODE_BOOT }, unread, unread]));
  });

  it('is no end: what was read before a server fell silent stands', async () => {
    let calls = 0;
    const { open } = aProbe(() => (calls++ === 0 ? { state: 'read', output: NODE_BOOT } : new Fault('unreachable', 'No answer.')));
    const results = resultsOf(await probeCluster({ mode: 'exec', open }, three, { policy, abortSignal: signal() }));

    expect(results).toEqual([
      { state: 'read', bootId: NODE_BOOT },
      { state: 'unknown', reason: 'No answer.' },
      { state: 'unknown', reason: 'No answer.' },
    ]);
    expect(calls).toBe(2);
  });
});

describe('canaries', () => {
  it('that never end affect neither the readings nor the messages of others', async () => {
    const time = new AbortController();
    const { calls, open } = aProbe((canary) => {
      if (canary?.runtimeClassName !== undefined) return { state: 'read', output: NODE_BOOT };
      time.abort();
      return { state: 'unknown', reason: 'The canary did not end in time: it is Running.' };
    });
    const result = await probeCluster({ mode: 'canary', open }, seen([node('n1'), node('p1', [''])]), { policy, abortSignal: time.signal });

    expect(calls).toEqual(['sweep', 'canary n1 kata-vm-isolation', 'canary n1 default', 'close']);
    expect(resultsOf(result)).toEqual([
      { state: 'read', bootId: NODE_BOOT },
      { state: 'unknown', reason: 'The canary did not end in time: it is Running.' },
      { state: 'unknown', reason: 'The probe ended before it started a canary on this node.' },
    ]);
  });

  it('run in a pod VM and without one on a Kata node, and on a plain node, after the sweep', async () => {
    const { calls, open } = aProbe((canary) => ({ state: 'read', output: canary?.runtimeClassName === undefined ? NODE_BOOT : POD_BOOT }));
    const result = await probeCluster({ mode: 'canary', open }, seen([node('n1'), node('n2'), node('p1', [''])]), {
      policy,
      abortSignal: signal(),
    });

    expect(calls).toEqual(['sweep', 'canary n1 kata-vm-isolation', 'canary n1 default', 'canary p1 default', 'close']);
    expect(resultsOf(result)).toEqual([
      { state: 'read', bootId: POD_BOOT },
      { state: 'read', bootId: NODE_BOOT },
      { state: 'read', bootId: NODE_BOOT },
    ]);
  });

  it('are not started without an image, but leftover ones are deleted', async () => {
    const { calls, open } = aProbe(() => ({ state: 'unknown', reason: '' }));

    expect(await probeCluster({ mode: 'canary', open }, seen(), { policy: DEFAULT_POLICY, abortSignal: signal() })).toMatchObject({
      reason: { message: expect.stringContaining('probe.image') },
    });
    expect(calls).toEqual(['sweep', 'close']);
  });

  it('never go to a node that is not ready or accepts no pods, and report what is unknown about its pool', async () => {
    const { calls, open } = aProbe(() => ({ state: 'read', output: NODE_BOOT }));
    const closed = [
      { ...node('n1'), ready: false },
      { ...node('n2'), unschedulable: true },
    ];
    const result = await probeCluster({ mode: 'canary', open }, seen([...closed, node('p1', [''])]), { policy, abortSignal: signal() });

    expect(calls).toEqual(['sweep', 'canary p1 default', 'close']);
    expect(result).toMatchObject({
      value: [
        {
          nodePool: 'kata',
          runtimeClassName: 'kata-vm-isolation',
          result: { state: 'unknown', reason: expect.stringMatching(/^No node of the pool/) },
        },
        { nodePool: 'plain', result: { state: 'read' } },
      ],
    });
  });

  it('go to the node of a pool that accepts pods, although another does not', async () => {
    const { calls, open } = aProbe(() => ({ state: 'read', output: POD_BOOT }));
    await probeCluster({ mode: 'canary', open }, seen([{ ...node('n1'), unschedulable: true }, node('n2')]), {
      policy,
      abortSignal: signal(),
    });

    expect(calls).toEqual(['sweep', 'canary n2 kata-vm-isolation', 'canary n2 default', 'close']);
  });

  it('run on the Kata node of those without a pool, whatever comes before it', async () => {
    const { calls, open } = aProbe(() => ({ state: 'read', output: POD_BOOT }));
    const { nodePool: _, ...stray } = node('stray');
    const plain = { ...stray, name: 'plain', runtimeHandlers: [''] };
    await probeCluster({ mode: 'canary', open }, seen([plain, stray]), { policy, abortSignal: signal() });
    expect(calls.slice(1, -1)).toEqual(['canary stray kata-vm-isolation', 'canary stray default', 'canary plain default']);
  });

  it('run by the class of a sandbox, whatever else the node can start', async () => {
    const { calls, open } = aProbe(() => ({ state: 'read', output: POD_BOOT }));
    const nodes = [node('n1', ['', 'runsc', 'kata']), node('p1', ['', 'runsc'])];
    const runtimeClasses = observed([{ name: 'gvisor', handler: 'runsc', nodeSelector: {} }, ...classes]);
    await probeCluster({ mode: 'canary', open }, { ...seen(nodes), runtimeClasses }, { policy, abortSignal: signal() });
    expect(calls.slice(1, -1)).toEqual(['canary n1 kata-vm-isolation', 'canary n1 default', 'canary p1 default']);
  });

  it('run in each Kata pool by itself, and nodes of no pool are one', async () => {
    const { calls, open } = aProbe(() => ({ state: 'read', output: POD_BOOT }));
    const { nodePool: _, ...stray } = node('stray');
    const nodes = [node('n1'), { ...node('m1'), nodePool: 'other' }, stray, { ...stray, name: 'stray-2' }];
    await probeCluster({ mode: 'canary', open }, seen(nodes), { policy, abortSignal: signal() });
    expect(calls.filter((call) => call.endsWith('kata-vm-isolation'))).toEqual(
      ['n1', 'm1', 'stray'].map((name) => `canary ${name} kata-vm-isolation`),
    );
  });

  it('that fail from the first on make the whole part unavailable, and later ones cost what comes after them', async () => {
    const look = async (fails: (canary: Canary) => boolean) => {
      const { calls, open } = aProbe((canary) =>
        canary !== undefined && fails(canary) ? new Fault('denied', 'No.') : { state: 'read', output: POD_BOOT },
      );
      const closed = { ...node('m1'), nodePool: 'closed', ready: false };
      const result = await probeCluster({ mode: 'canary', open }, seen([closed, node('n1'), node('p1', [''])]), {
        policy,
        abortSignal: signal(),
      });
      return { calls: calls.filter((call) => call.startsWith('canary')), results: resultsOf(result) };
    };
    const unknown = (reason: unknown) => ({ state: 'unknown', reason });
    const noPlace = unknown(expect.stringMatching(/^No node of the pool/));
    expect((await look(() => true)).results).toEqual({ code: 'denied', message: 'No.' });
    expect(await look(({ runtimeClassName }) => runtimeClassName === undefined)).toEqual({
      calls: ['canary n1 kata-vm-isolation', 'canary n1 default'],
      results: [noPlace, { state: 'read', bootId: POD_BOOT }, unknown('No.'), unknown('No.')],
    });
  });

  it('do not count for pods once pods are probed by exec', async () => {
    const canaries = aProbe(() => ({ state: 'read', output: NODE_BOOT }));
    const earlier = await probeCluster({ mode: 'canary', open: canaries.open }, seen(), { policy, abortSignal: signal() });
    const { calls, open } = aProbe(() => ({ state: 'read', output: POD_BOOT }));
    const one = { ...policy, probe: { ...policy.probe, podsPerPool: 1 } };
    const result = await probeCluster(
      { mode: 'exec', open },
      seen(),
      { policy: one, abortSignal: signal() },
      earlier.state === 'observed' ? earlier.value : [],
    );

    expect(calls).toEqual(['exec web-0', 'close']);
    expect(result).toMatchObject({ value: [{ method: 'exec', result: { bootId: POD_BOOT } }] });
  });
});
