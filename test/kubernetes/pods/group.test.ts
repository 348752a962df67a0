import { describe, expect, it } from 'vitest';
import type { RuntimeClass } from '../../../shared/domain/snapshot/snapshot.ts';
import { PodFold } from '../../../shared/kubernetes/pods/fold.ts';
import { foldContext, ownSelectorOf, toleratedOf } from '../../../shared/kubernetes/pods/fold-context.ts';
import { NewestRuns } from '../../../shared/kubernetes/pods/newest-runs.ts';
import { ownerOf } from '../../../shared/kubernetes/pods/pod-owner.ts';
import type { WirePod } from '../../../shared/kubernetes/wire/messages.ts';
import { aNode } from '../support/a-node.ts';

const CLASSES: readonly RuntimeClass[] = [
  { name: 'kata', handler: 'kata', nodeSelector: {} },
  { name: 'mine', handler: 'my-vm', nodeSelector: {} },
];
const NODES = [aNode('kata-0', { runtimeHandlers: ['', 'kata', 'my-vm'] }), aNode('plain-0')];
const context = foldContext(NODES, CLASSES, 100);

/** A pod of one StatefulSet. */
const pod = (name: string, status: WirePod['status'], spec: WirePod['spec'] = {}, created = 60): WirePod => ({
  metadata: {
    name,
    namespace: 'n',
    creationTimestamp: { seconds: created },
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', controller: true }],
  },
  spec,
  status,
});
const fold = (pods: readonly WirePod[], of = context) => {
  const folded = new PodFold(of);
  for (const one of pods) folded.add(one);
  return folded;
};
const only = (pods: readonly WirePod[], of = context) => fold(pods, of).groups()[0];
const pending = (message?: string) => ({
  phase: 'Pending',
  conditions: message === undefined ? [] : [{ type: 'PodScheduled', status: 'False', message }],
});

describe('a group', () => {
  it('names the first three pods of what it tells, in the order of their names', () => {
    const names = ['e', 'b', 'd', 'a', 'c', 'b2'];
    expect(only(names.map((name) => pod(name, pending())))?.marked).toEqual({ waiting: ['a', 'b', 'b2'] });
  });

  it.each<[string, WirePod['spec'], readonly number[]]>([
    ['the network', { hostNetwork: true }, [1, 0, 0]],
    ['the process ids', { hostPID: true }, [0, 1, 0]],
    ['the shared memory', { hostIPC: true }, [0, 0, 1]],
    ['nothing', {}, [0, 0, 0]],
  ])('counts its pods that share %s with their node, and no others', (_, spec, counts) => {
    const features = only([pod('a', { phase: 'Running' }, spec), pod('b', { phase: 'Running' })])?.features;
    expect([features?.hostNetwork, features?.hostPid, features?.hostIpc]).toEqual(counts);
  });

  it('tolerates nothing where no node repels pods', () => {
    expect(only([pod('a', pending())])).not.toHaveProperty('tolerates');
  });

  it('tells the oldest wait, and the first reason that is known', () => {
    const group = only([pod('a', pending(), {}, 120), pod('b', pending('no node'), {}, 60), pod('c', pending('later'), {}, 180)]);
    expect(group).toMatchObject({ waiting: 3, oldestWaitingSince: '1970-01-01T00:01:00.000Z', waitingReason: 'no node' });
  });

  it('waits for a container of a running pod only where a sandbox may be missing', () => {
    const creating = { phase: 'Running', containerStatuses: [{ state: { waiting: { reason: 'ContainerCreating' } } }] };
    expect(only([pod('a', creating)])?.waiting).toBe(0);
    expect(only([pod('a', creating, { runtimeClassName: 'kata' })])?.waiting).toBe(1);
    expect(only([pod('a', pending())])?.waiting).toBe(1);
  });

  it('keeps which end was last, and the first of two at one time', () => {
    const ended = (phase: string, seconds: number) =>
      pod('a', { phase, containerStatuses: [{ state: { terminated: { finishedAt: { seconds } } } }] }, {}, 1);
    expect(only([ended('Succeeded', 5), ended('Failed', 5), ended('Failed', 4)])?.lastEnded).toEqual({
      at: '1970-01-01T00:00:05.000Z',
      phase: 'succeeded',
    });
    expect(only([ended('Succeeded', 5), ended('Failed', 6)])?.lastEnded?.phase).toBe('failed');
  });

  it('has no time of creation where no pod says one', () => {
    const group = only([{ ...pod('a', {}), metadata: { name: 'a' } }]);
    expect([group?.oldestCreatedAt, group?.newestCreatedAt]).toEqual([undefined, undefined]);
    expect(only([pod('a', {}, {}, 60), pod('b', {}, {}, 30)])).toMatchObject({
      oldestCreatedAt: '1970-01-01T00:00:30.000Z',
      newestCreatedAt: '1970-01-01T00:01:00.000Z',
    });
  });

  it('has examples with their nodes', () => {
    expect(only([pod('a', {}, { nodeName: 'kata-0' }), pod('b', {})])?.examples).toEqual([{ name: 'a', node: 'kata-0' }, { name: 'b' }]);
  });

  it('marks pods on Kata nodes without a sandbox, and pods whose handler is not there', () => {
    const on = (nodeName: string, runtimeClassName?: string, of = context) =>
      only([pod('a', {}, { nodeName, runtimeClassName })], of)?.marked;
    expect(on('kata-0')).toEqual({ onKataNode: ['a'] });
    expect(on('plain-0')).toBeUndefined();
    expect(Object.keys(on('kata-0', 'kata') ?? {})).not.toContain('onKataNode');
    expect(on('kata-0', 'mine')).toMatchObject({ onKataNode: ['a'] });
    expect(Object.keys(on('kata-0', 'mine', foldContext(NODES, CLASSES, 100, ['my-vm'])) ?? {})).not.toContain('onKataNode');
    expect(on('plain-0', 'kata')).toMatchObject({ handlerMissing: ['a'] });
    expect(Object.keys(on('kata-0', 'kata') ?? {})).not.toContain('handlerMissing');
  });
});

describe('a group of two folds', () => {
  const claim = { runtimeClassName: 'kata', volumes: [{ volumeSource: { persistentVolumeClaim: { claimName: 'x' } } }] };
  const merged = (one: readonly WirePod[], other: readonly WirePod[], of = context) => {
    const whole = fold(one, of);
    whole.absorb(fold(other, of));
    return whole;
  };

  it('adds up what only one of them tells', () => {
    const plain = pod('a', { phase: 'Running' }, { runtimeClassName: 'kata' });
    const claims = pod('b', { phase: 'Running' }, claim);
    for (const [one, other] of [
      [plain, claims],
      [claims, plain],
    ] as const) {
      expect(merged([one], [other]).groups()).toMatchObject([
        { pods: 2, phases: { running: 2 }, features: { claims: 1, noMemoryLimit: 0 } },
      ]);
    }
    expect(merged([claims], [claims, claims]).groups()[0]?.features).toMatchObject({ claims: 3 });
  });

  it('has the reason of the first, or else of the second', () => {
    const reason = (one: string | undefined, other: string | undefined) =>
      merged([pod('a', pending(one))], [pod('b', pending(other))]).groups()[0]?.waitingReason;
    expect([reason('one', 'two'), reason(undefined, 'two'), reason('one', undefined)]).toEqual(['one', 'two', 'one']);
  });

  it.each([
    [2, 2, ['a0', 'a1', 'b0', 'b1']],
    [3, 2, ['a0', 'a1', 'a2', 'b0', 'b1']],
    [5, 4, ['a0', 'a2', 'a4', 'b1', 'b3']],
    [5, 5, ['a0', 'a2', 'b0', 'b2', 'b4']],
  ])('has at most five examples, spread over both: %i and %i', (one, other, expected) => {
    const pods = (prefix: string, count: number) => Array.from({ length: count }, (_, at) => pod(`${prefix}${at}`, {}));
    expect(
      merged(pods('a', one), pods('b', other))
        .groups()[0]
        ?.examples.map(({ name }) => name),
    ).toEqual(expected);
  });

  it('counts what finds no room', () => {
    const small = foldContext(NODES, CLASSES, 1);
    const other = (name: string) => ({ ...pod(name, {}), metadata: { name } });
    const whole = merged([pod('a', {}), other('x')], [pod('b', {}), other('y')], small);
    expect([whole.pods, whole.left, whole.groups().map(({ pods }) => pods)]).toEqual([4, 2, [2]]);
    const moved = merged([pod('a', {})], [other('y'), pod('b', {})], small);
    expect([moved.pods, moved.left, moved.groups().map(({ pods }) => pods)]).toEqual([3, 2, [1]]);
  });
});

describe('the owner of a pod', () => {
  const owner = (kind: string, name: string, apiVersion: string | undefined, labels = {}) => {
    const {
      kind: own,
      name: called,
      group,
    } = ownerOf({
      name: 'p',
      labels,
      ownerReferences: [{ kind, name, controller: true, ...(apiVersion === undefined ? {} : { apiVersion }) }],
    });
    return `${own}${group === undefined ? '' : `.${group}`}/${called}`;
  };
  const [K63, N253] = ['K'.repeat(63), 'n'.repeat(253)];

  it.each<[string, string, string | undefined, string]>([
    [K63, 'x', 'a.io/v1', `${K63}.a.io/x`],
    [`${K63}K`, 'x', 'a.io/v1', 'Pod/p'],
    ['9Kind', 'x', 'a.io/v1', 'Pod/p'],
    ['Kind-', 'x', 'a.io/v1', 'Pod/p'],
    ['K', 'x', 'a.io/v1', 'K.a.io/x'],
    ['', 'x', 'a.io/v1', 'Pod/p'],
    ['K', N253, 'a.io/v1', `K.a.io/${N253}`],
    ['K', `${N253}n`, 'a.io/v1', 'Pod/p'],
    ['K', '', 'a.io/v1', 'Pod/p'],
    ['K', '-x', 'a.io/v1', 'Pod/p'],
    ['K', 'x.', 'a.io/v1', 'Pod/p'],
    ['K', 'X', 'a.io/v1', 'Pod/p'],
    ['K', 'x', 'a_b/v1', 'Pod/p'],
    ['K', 'x', 'a/b/v1', 'Pod/p'],
    ['K', 'x', 'v1', 'K/x'],
    ['Deployment', 'x', undefined, 'Deployment/x'],
    ['Deployment', 'x', 'apps/v1beta2', 'Deployment/x'],
    ['Deployment', 'x', 'batch/v1', 'Deployment.batch/x'],
    ['Job', 'x', 'batch/v1', 'Job/x'],
  ])('%s/%s of %s is %s', (kind, name, apiVersion, expected) => {
    expect(owner(kind, name, apiVersion)).toBe(expected);
  });

  it('is that of the first of two hashes that fits', () => {
    const both = { 'pod-template-hash': 'a', 'rollouts-pod-template-hash': 'b' };
    expect([
      owner('ReplicaSet', 'w-a', 'apps/v1', both),
      owner('ReplicaSet', 'w-b', 'apps/v1', both),
      owner('ReplicaSet', 'wa', 'apps/v1', both),
    ]).toEqual(['Deployment/w', 'Rollout.argoproj.io/w', 'ReplicaSet/wa']);
  });

  it.each([
    ['n-29600000', 'CronJob/n'],
    ['n-2960000', 'Job/n-2960000'],
    ['n-129600000', 'Job/n-129600000'],
    ['n-29600000-x', 'Job/n-29600000-x'],
  ])('of a Job %s is %s', (name, expected) => {
    const ownerReferences = [{ apiVersion: 'batch/v1', kind: 'Job', name, controller: true }];
    const found = ownerOf({ name: 'p', creationTimestamp: { seconds: 29_600_000 * 60 }, ownerReferences });
    expect(`${found.kind}/${found.name}`).toBe(expected);
    expect(found.run).toBe(expected.startsWith('Cron') ? 29_600_000 : undefined);
  });
});

describe('the newest run of a CronJob', () => {
  const run = (at: number) => ({ kind: 'CronJob', name: 'x', run: at });

  it('makes the groups of earlier ones out of date, once, and those of no other', () => {
    const runs = new NewestRuns();
    expect(runs.see('a', run(1))).toEqual([]);
    runs.keep('a', 'a1');
    expect([runs.see('a', run(1)), runs.see('b', run(2)), runs.isOlder('a', run(1))]).toEqual([[], [], false]);
    expect([runs.see('a', run(2)), runs.see('a', run(3))]).toEqual([['a1'], []]);
    expect([runs.see('a', run(2)), runs.isOlder('a', run(2)), runs.isOlder('a', run(3)), runs.isOlder('c', run(1))]).toEqual([
      [],
      true,
      false,
      false,
    ]);
    expect([runs.see('a', { kind: 'Job', name: 'x' }), runs.isOlder('a', { kind: 'Job', name: 'x' })]).toEqual([[], false]);
  });

  it.each<[string, number, number, readonly string[], readonly string[]]>([
    ['later', 1, 2, ['mine'], ['theirs']],
    ['earlier', 2, 1, ['theirs'], ['mine']],
    ['the same', 1, 1, [], ['mine', 'theirs']],
  ])('of another fold may be %s', (_, own, other, gone, kept) => {
    const [runs, others] = [new NewestRuns(), new NewestRuns()];
    runs.see('a', run(own));
    runs.keep('a', 'mine');
    others.see('a', run(other));
    others.keep('a', 'theirs');
    expect(runs.absorb(others)).toEqual(gone);
    expect(runs.see('a', run(9))).toEqual(kept);
  });
});

describe('what pods tolerate and select', () => {
  const taint = (key: string) => ({ key, value: '', effect: 'NoSchedule' });

  it.each([
    [{ operator: 'Exists' }, ['*', 'a:NoSchedule', 'b:NoSchedule']],
    [{ key: '', operator: 'Exists' }, ['*', 'a:NoSchedule', 'b:NoSchedule']],
    [{ key: 'a', operator: 'Exists' }, ['a:NoSchedule']],
    [{ key: '', operator: 'Equal' }, []],
    [{}, []],
    [{ key: 'b', value: '', effect: 'NoSchedule' }, ['b:NoSchedule']],
    [{ key: 'b', value: 'x' }, []],
  ])('is read from %j', (toleration, expected) => {
    expect(toleratedOf([taint('a'), taint('b')], [toleration])).toEqual(expected);
  });

  it('is kept for up to 50 taints, each once', () => {
    const taints = Array.from({ length: 80 }, (_, at) => taint(`t${at}`));
    const of = foldContext([aNode('a', { taints }), aNode('b', { taints })], [], 10);
    expect(of.taints).toEqual(taints.slice(0, 50));
    expect(foldContext(undefined, [], 10)).toMatchObject({ taints: [], nodes: undefined, nodesByBytes: undefined });
  });

  it('leaves out what the class adds', () => {
    const meaning = { handler: 'kata', isSandbox: false, selector: [['a', '1']] as const };
    const own = (nodeSelector: Record<string, string> | undefined) => [...ownSelectorOf({ spec: { nodeSelector } }, meaning)];
    expect(own({ a: '1', b: '2' })).toEqual([['b', '2']]);
    expect(own({ a: '2' })).toEqual([['a', '2']]);
    expect([own({}), own(undefined), [...ownSelectorOf({ spec: { nodeSelector: { a: '1' } } }, undefined)]]).toEqual([
      [],
      [],
      [['a', '1']],
    ]);
  });
});
