import { describe, expect, test } from 'vitest';
import { observed, unavailable } from '../../../shared/domain/snapshot/observation.ts';
import type { PodGroup } from '../../../shared/domain/snapshot/pod-group.ts';
import { kindOf } from '../../../shared/domain/snapshot/subject.ts';
import { PodFold } from '../../../shared/kubernetes/pods/fold.ts';
import { foldContext } from '../../../shared/kubernetes/pods/fold-context.ts';
import type { WirePod, WireVolume } from '../../../shared/kubernetes/wire/messages.ts';
import { aNode } from '../support/a-node.ts';

const KATA_LABEL = { labels: { 'kubernetes.azure.com/kata-mshv-vm-isolation': 'true' } };
const NODES = [
  aNode('kata-0', { nodePool: 'kata', runtimeHandlers: ['', 'runc', 'kata'] }),
  aNode('plain-0'),
  aNode('nap-0', { provisioner: 'karpenter', labels: { 'karpenter.sh/nodepool': 'spot' } }, ['nodePool']),
  aNode('bare-0', { provisioner: 'other' }, ['nodePool']),
  aNode('old-kata-0', { ...KATA_LABEL, kernelVersion: '5.15.157.mshv1-2.cm2' }, ['runtimeHandlers']),
  aNode('labelled-0', KATA_LABEL, ['runtimeHandlers']),
  aNode('ubuntu-0', { ...KATA_LABEL, nodeImageVersion: 'AKSUbuntu-2204gen2containerd-202608.14.0' }, ['runtimeHandlers']),
  aNode('old-0', {}, ['runtimeHandlers']),
];
const CLASSES = [
  { name: 'kata-vm-isolation', handler: 'kata', nodeSelector: {} },
  { name: 'runc', handler: 'runc', nodeSelector: {} },
];

const HOME: Readonly<Record<string, string>> = { ReplicaSet: 'apps/v1', StatefulSet: 'apps/v1', DaemonSet: 'apps/v1', Job: 'batch/v1' };

function fold(pods: readonly WirePod[], context = foldContext(NODES, CLASSES, 100)): readonly PodGroup[] {
  const folded = new PodFold(context);
  for (const pod of pods) folded.add(pod);
  return folded.groups();
}

/** The single group of these pods. */
function one(pods: readonly WirePod[], context = foldContext(NODES, CLASSES, 100)): PodGroup {
  const groups = fold(pods, context);
  const [group] = groups;
  if (group === undefined || groups.length > 1) throw new Error(`Expected one group, got ${groups.length}.`);
  return group;
}

const owned = (kind: string, name: string, labels: Record<string, string> = {}, apiVersion = HOME[kind]): WirePod => ({
  metadata: { name: 'p', namespace: 'n', labels, ownerReferences: [{ apiVersion, kind, name, controller: true }] },
});
/** A pod of a Job that was created at a minute since 1970. */
const ofJob = (name: string, minute: number): WirePod => ({
  metadata: { ...owned('Job', name).metadata, creationTimestamp: { seconds: minute * 60 } },
});
const onNode = (nodeName: string | undefined, runtimeClassName?: string): WirePod => ({ spec: { nodeName, runtimeClassName } });

describe('the owner', () => {
  test.each([
    ['a ReplicaSet of a Deployment', owned('ReplicaSet', 'web-5d4f', { 'pod-template-hash': '5d4f' }), 'Deployment/web'],
    ['a ReplicaSet of a Rollout', owned('ReplicaSet', 'web-5d4f', { 'rollouts-pod-template-hash': '5d4f' }), 'Rollout.argoproj.io/web'],
    ['a ReplicaSet of its own', owned('ReplicaSet', 'web-5d4f'), 'ReplicaSet/web-5d4f'],
    ['a ReplicaSet with another hash', owned('ReplicaSet', 'web-5d4f', { 'pod-template-hash': '4f' }), 'ReplicaSet/web-5d4f'],
    ['a Job of a CronJob', ofJob('nightly-29600000', 29_600_000), 'CronJob/nightly'],
    ['a run that began a day late', ofJob('nightly-29600000', 29_600_000 + 1_440), 'CronJob/nightly'],
    ['a run with a clock that is five minutes fast', ofJob('nightly-29600000', 29_600_000 - 5), 'CronJob/nightly'],
    ['a Job named after a minute of another day', ofJob('nightly-29600000', 29_600_000 + 2_880), 'Job/nightly-29600000'],
    ['a Job named after a future minute', ofJob('nightly-29600000', 29_600_000 - 10), 'Job/nightly-29600000'],
    ['a Job named after a day, 31122025', ofJob('report-31122025', Date.parse('2025-12-31') / 60_000), 'Job/report-31122025'],
    ['a Job named after a day, 20240101', ofJob('import-20240101', Date.parse('2024-01-01') / 60_000), 'Job/import-20240101'],
    ['a Job without a creation time', owned('Job', 'nightly-29600000'), 'Job/nightly-29600000'],
    ["OpenKruise's StatefulSet", owned('StatefulSet', 'db', {}, 'apps.kruise.io/v1beta1'), 'StatefulSet.apps.kruise.io/db'],
    [
      'a ReplicaSet of another group',
      owned('ReplicaSet', 'web-5d4f', { 'pod-template-hash': '5d4f' }, 'x.io/v1'),
      'ReplicaSet.x.io/web-5d4f',
    ],
    ['a kind of the core group', owned('ReplicationController', 'rc', {}, 'v1'), 'ReplicationController/rc'],
    ['a kind that its group does not have', owned('StatefulSet', 'db', {}, 'v1'), 'Pod/p'],
    ['an invalid name', owned('Deployment', 'web\nkata-vm-isolation\nz'), 'Pod/p'],
    ['a name that is too long', owned('Deployment', 'a'.repeat(600_000)), 'Pod/p'],
    ['an invalid kind', owned('Deployment/web', 'x'), 'Pod/p'],
    ['an owner that is not its controller', { metadata: { name: 'p', ownerReferences: [{ kind: 'Backup', name: 'b' }] } }, 'Pod/p'],
    ['a StatefulSet', owned('StatefulSet', 'db'), 'StatefulSet/db'],
    ['nobody', { metadata: { name: 'alone' } }, 'Pod/alone'],
  ] as const)('is told of a pod of %s', (_, pod, expected) => {
    const group = one([pod]);
    expect(`${kindOf(group)}/${group.ownerName}`).toBe(expected);
  });

  test('is the controller among several owners', () => {
    const ownerReferences = [
      { kind: 'Backup', name: 'b' },
      { kind: 'DaemonSet', name: 'd', controller: true },
    ];
    expect(one([{ metadata: { ownerReferences } }])).toMatchObject({ ownerKind: 'DaemonSet', ownerName: 'd' });
  });
});

describe('pods of one workload', () => {
  test('are in one group whatever their revision and index', () => {
    const pods = ['a', 'b'].flatMap((hash) => [owned('ReplicaSet', `web-${hash}`, { app: 'web', 'pod-template-hash': hash })]);
    expect(one(pods)).toMatchObject({ pods: 2, labels: { app: 'web' } });
    const sts = [0, 1].map((at) =>
      owned('StatefulSet', 'db', { 'apps.kubernetes.io/pod-index': `${at}`, 'statefulset.kubernetes.io/pod-name': `db-${at}` }),
    );
    expect(one(sts)).toMatchObject({ pods: 2, labels: {} });
  });

  test('are in one group in whatever order their labels come', () => {
    expect(one([owned('StatefulSet', 'db', { a: '1', b: '2' }), owned('StatefulSet', 'db', { b: '2', a: '1' })])).toMatchObject({
      pods: 2,
    });
    const between = { metadata: { name: 'other', namespace: 'n' } };
    expect(fold([owned('StatefulSet', 'db', { a: '1', b: '2' }), between, owned('StatefulSet', 'db', { b: '2', a: '1' })])).toHaveLength(2);
  });

  const db = owned('StatefulSet', 'db', { app: 'db' });
  test.each<[string, WirePod]>([
    ['name of their owner', owned('StatefulSet', 'dc', { app: 'db' })],
    ['kind of their owner', owned('DaemonSet', 'db', { app: 'db' })],
    ['API group of their owner', owned('StatefulSet', 'db', { app: 'db' }, 'apps.kruise.io/v1')],
    ['namespace', { metadata: { ...db.metadata, namespace: 'm' } }],
    ['class', { ...db, spec: { runtimeClassName: 'runc' } }],
    ['end', { ...db, status: { phase: 'Succeeded' } }],
    ['value of a label', owned('StatefulSet', 'db', { app: 'dc' })],
    ['number of labels', owned('StatefulSet', 'db', { app: 'db', tier: 'x' })],
    ['controller', { metadata: { ...db.metadata, ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db' }] } }],
  ])('that follow each other are in separate groups when they differ only in the %s', (_, other) => {
    expect(fold([db, other]).map(({ pods }) => pods)).toEqual([1, 1]);
    expect(fold([other, db]).map(({ pods }) => pods)).toEqual([1, 1]);
  });

  test('are in separate groups when class, labels or namespace differ', () => {
    const base = owned('StatefulSet', 'db', { app: 'db' });
    const others: WirePod[] = [
      { ...base, spec: { runtimeClassName: 'runc' } },
      owned('StatefulSet', 'db', { app: 'db', tier: 'x' }),
      { ...base, metadata: { ...base.metadata, namespace: 'm' } },
    ];
    expect(fold([base, ...others])).toHaveLength(4);
  });

  test('are counted by phase, an unknown phase as unknown, and finished ones separately', () => {
    const phases = ['Pending', 'Running', 'Running', 'Succeeded', 'Failed', 'Unknown', 'Dreaming', undefined];
    const groups = fold(phases.map((phase) => ({ status: { phase } })));
    expect(groups.map((group) => group.phases)).toEqual([
      { pending: 1, running: 2, succeeded: 0, failed: 0, unknown: 3 },
      { pending: 0, running: 0, succeeded: 1, failed: 1, unknown: 0 },
    ]);
  });

  test('that wait are counted, with the longest wait', () => {
    const at = (iso: string) => ({ creationTimestamp: { seconds: Date.parse(iso) / 1000 } });
    const creating = { containerStatuses: [{ state: { waiting: { reason: 'ContainerCreating' } } }] };
    const pulling = { containerStatuses: [{ state: { waiting: { reason: 'ImagePullBackOff' } } }] };
    const group = one(
      [
        { metadata: at('2026-01-03T00:00:00Z'), status: { phase: 'Pending' } },
        { metadata: at('2026-01-02T00:00:00Z'), status: { phase: 'Running', ...creating } },
        { metadata: at('2026-01-01T00:00:00Z'), status: { phase: 'Running', ...pulling } },
      ].map((pod) => ({
        ...pod,
        spec: { runtimeClassName: 'kata-vm-isolation' },
        metadata: { ...pod.metadata, ...owned('StatefulSet', 'db').metadata },
      })),
    );
    expect(group).toMatchObject({ waiting: 2, oldestWaitingSince: '2026-01-02T00:00:00.000Z' });
  });

  test('keep at most five examples, spread over all of them', () => {
    for (const count of [1, 5, 6, 11, 1_000]) {
      const pods = Array.from({ length: count }, (_, at) => ({ metadata: { ...owned('StatefulSet', 'db').metadata, name: `db-${at}` } }));
      const examples = one(pods).examples.map(({ name }) => Number(name.slice(3)));
      expect(examples.length).toBeLessThanOrEqual(5);
      expect(examples.length).toBeGreaterThanOrEqual(Math.min(count, 3));
      const gaps = examples.slice(1).map((at, index) => at - (examples[index] ?? 0));
      expect(new Set(gaps).size).toBeLessThanOrEqual(1);
      expect(count - (examples.at(-1) ?? 0)).toBeLessThanOrEqual(Math.max(1, count * 0.4));
    }
  });
});

describe('the placement of a pod', () => {
  const NOWHERE = { unscheduled: 0, handlerListed: 0, handlerMissing: 0, unknown: 0, onKataNode: 0 };

  test.each([
    ['on no node', onNode(undefined, 'kata-vm-isolation'), { unscheduled: 1 }],
    ['on a node that lists its handler', onNode('kata-0', 'kata-vm-isolation'), { handlerListed: 1, onKataNode: 1 }],
    ['on a node that does not list it', onNode('plain-0', 'kata-vm-isolation'), { handlerMissing: 1 }],
    ['without a class', onNode('kata-0'), { handlerListed: 1, onKataNode: 1 }],
    ['of a missing class', onNode('plain-0', 'gone'), { unknown: 1 }],
    ['on a missing node', onNode('gone-0', 'runc'), { unknown: 1 }],
    ['on an old Kata node, which lists nothing', onNode('old-kata-0', 'kata-vm-isolation'), { handlerListed: 1, onKataNode: 1 }],
    ['on an old node with the Kata label and another kernel', onNode('labelled-0', 'kata-vm-isolation'), { unknown: 1 }],
    ['on an old node with the Kata label and an Ubuntu image', onNode('ubuntu-0', 'kata-vm-isolation'), { handlerMissing: 1 }],
    ['on an old node, which lists nothing', onNode('old-0', 'kata-vm-isolation'), { handlerMissing: 1 }],
    ['of an ordinary class on an old node', onNode('old-0', 'runc'), { unknown: 1 }],
  ] as const)('%s is told', (_, pod, expected) => {
    expect(one([pod]).placement).toEqual({ ...NOWHERE, ...expected });
  });

  test('is unknown when nodes or classes could not be read', () => {
    const pod = onNode('kata-0', 'kata-vm-isolation');
    expect(one([pod], foldContext(undefined, CLASSES, 100)).placement).toEqual({ ...NOWHERE, unknown: 1 });
    expect(one([pod], foldContext(NODES, undefined, 100)).placement).toEqual({ ...NOWHERE, unknown: 1, onKataNode: 1 });
  });

  test('counts for its pool, whether it is an agent pool, a NAP pool or none', () => {
    const pods = ['kata-0', 'kata-0', 'nap-0', 'bare-0', undefined].map((node) => onNode(node));
    expect(one(pods).podsByNodePool).toEqual({ kata: 2, spot: 1, '-': 1 });
  });

  test('counts for a pool of any name', () => {
    const context = foldContext([aNode('x', { nodePool: 'constructor' })], CLASSES, 100);
    expect(one([onNode('x'), onNode('x')], context).podsByNodePool).toEqual({ constructor: 2 });
  });
});

describe('the node selector that a class injects', () => {
  const selecting = [{ name: 'kata-vm-isolation', handler: 'kata', nodeSelector: { kata: 'yes', zone: '1' } }, ...CLASSES.slice(1)];
  const context = foldContext(NODES, selecting, 100);
  const pod = (runtimeClassName: string | undefined, nodeSelector?: Record<string, string>): WirePod => ({
    spec: { nodeName: 'kata-0', runtimeClassName, ...(nodeSelector === undefined ? {} : { nodeSelector }) },
  });

  test.each([
    ['all of it', pod('kata-vm-isolation', { kata: 'yes', zone: '1', app: 'web' }), undefined],
    ['a part of it', pod('kata-vm-isolation', { kata: 'yes' }), 1],
    ['another value', pod('kata-vm-isolation', { kata: 'no', zone: '1' }), 1],
    ['no selector', pod('kata-vm-isolation'), 1],
    ['no selector, of a class without one', pod('runc'), undefined],
    ['no selector, of a missing class', pod('gone'), undefined],
    ['no selector and no class', pod(undefined), undefined],
  ])('is counted when a pod does not have it: %s', (_, seen, missing) => {
    expect(one([seen], context).selectorMissing).toBe(missing);
  });

  test('is counted over the parts of a fold, and not at all when classes could not be read', () => {
    const [whole, part] = [new PodFold(context), new PodFold(context)];
    for (const fold of [whole, part, part]) fold.add({ ...owned('StatefulSet', 'db'), ...pod('kata-vm-isolation') });
    whole.absorb(part);
    expect(whole.groups()).toMatchObject([{ pods: 3, selectorMissing: 3 }]);
    expect(one([pod('kata-vm-isolation')], foldContext(NODES, undefined, 100)).selectorMissing).toBeUndefined();
  });
});

describe('what weakens a sandbox', () => {
  const NOTHING = { hostPath: 0, hostNetwork: 0, hostPid: 0, hostIpc: 0, privileged: 0, noMemoryLimit: 0, noOverhead: 0 };
  const limited = { resources: { limits: { memory: { string: '1Gi' } } } };
  const privileged = { securityContext: { privileged: true }, ...limited };
  const sound: NonNullable<WirePod['spec']> = {
    runtimeClassName: 'kata-vm-isolation',
    containers: [limited],
    overhead: { memory: { string: '600Mi' } },
  };

  test.each([
    ['nothing', {}, {}],
    ['a host path', { volumes: [{ volumeSource: {} }, { volumeSource: { hostPath: {} } }] }, { hostPath: 1 }],
    ['host namespaces', { hostNetwork: true, hostPID: true, hostIPC: true }, { hostNetwork: 1, hostPid: 1, hostIpc: 1 }],
    ['a privileged container', { containers: [privileged, privileged] }, { privileged: 1 }],
    ['a privileged init container', { initContainers: [privileged] }, { privileged: 1 }],
    ['a privileged debug container', { ephemeralContainers: [{ ephemeralContainerCommon: privileged }] }, { privilegedDebug: 1 }],
    [
      'a privileged debug container and a privileged one',
      { containers: [privileged], ephemeralContainers: [{ ephemeralContainerCommon: privileged }] },
      { privileged: 1 },
    ],
    ['one container without a limit', { containers: [limited, {}] }, { noMemoryLimit: 1 }],
    [
      'a limit of zero, which means no limit',
      { containers: [{ resources: { limits: { memory: { string: '0' } } } }] },
      { noMemoryLimit: 1 },
    ],
    ['only a limit of CPU', { containers: [{ resources: { limits: { cpu: { string: '1' } } } }] }, { noMemoryLimit: 1 }],
    ['an init container without a limit', { initContainers: [{}] }, {}],
    ['a sidecar without a limit', { initContainers: [{ restartPolicy: 'Always' }] }, { noMemoryLimit: 1 }],
    ['a sidecar with a limit', { initContainers: [{ restartPolicy: 'Always', ...limited }] }, {}],
    ['a debug container, which can have no limit', { ephemeralContainers: [{ ephemeralContainerCommon: {} }] }, {}],
    ['a volume behind a claim', { volumes: [{ volumeSource: { persistentVolumeClaim: { claimName: 'data' } } }] }, { claims: 1 }],
    ['an ephemeral volume behind its own claim', { volumes: [{ volumeSource: { ephemeral: {} } }] }, { claims: 1 }],
    ['a limit on the pod as a whole', { containers: [{}], ...limited }, {}],
    ['no overhead', { overhead: {} }, { noOverhead: 1 }],
  ] as const)('is counted: %s', (_, change, expected) => {
    expect(one([{ spec: { ...sound, ...change } }]).features).toEqual({ ...NOTHING, ...expected });
  });

  describe('from volumes behind claims', () => {
    const at = (claim: string, onNode: boolean) => ({ namespace: 'shop', claim, onNode });
    const volumes = observed([
      at('folder', true),
      at('disk', false),
      at('cart-0-scratch', true),
      { ...at('elsewhere', true), namespace: 'bank' },
    ]);
    const claim = (claimName: string) => ({ name: 'data', volumeSource: { persistentVolumeClaim: { claimName } } });
    const own = (name: string) => ({ name, volumeSource: { ephemeral: {} } });
    const podWith = (mounted: readonly WireVolume[], phase = 'Running') => ({
      metadata: { namespace: 'shop', name: 'cart-0' },
      spec: { ...sound, volumes: mounted },
      status: { phase },
    });

    test.each([
      ['a directory of the node', [claim('folder')], 'Running', { hostPathClaims: 1 }],
      ['a directory twice in one pod', [claim('folder'), own('scratch')], 'Running', { hostPathClaims: 1 }],
      ['an Azure disk', [claim('disk')], 'Running', {}],
      ['an ephemeral volume of the pod', [own('scratch')], 'Running', { hostPathClaims: 1 }],
      ['a claim with the same name in another namespace', [claim('elsewhere')], 'Running', { claimsUnseen: 1 }],
      ['a claim without a volume', [claim('late')], 'Running', { claimsUnseen: 1 }],
      ['a claim that is not bound yet', [claim('late')], 'Pending', { claims: 1 }],
      [
        'a disk, a directory, and an unread volume',
        [claim('disk'), claim('folder'), claim('late')],
        'Running',
        { hostPathClaims: 1, claimsUnseen: 1 },
      ],
    ] as const)('counts %s', (_, mounted, phase, expected) => {
      const context = foldContext(NODES, CLASSES, 100, [], volumes);
      expect(one([podWith(mounted, phase)], context).features).toEqual({ ...NOTHING, ...expected });
    });

    test.each([
      ['without the permission', unavailable('denied', 'Forbidden.'), { claims: 1 }],
      ['when it is turned off', undefined, { claims: 1 }],
      ['when the list failed', unavailable('unreachable', 'Reset.'), { claimsUnseen: 1 }],
    ] as const)('says that nothing was seen %s', (_, volumesSeen, expected) => {
      const context = foldContext(NODES, CLASSES, 100, [], volumesSeen);
      expect(one([podWith([claim('folder')])], context).features).toEqual({ ...NOTHING, ...expected });
    });
  });

  test('is not collected for a pod without a class, except what would prevent a sandbox', () => {
    const spec = {
      hostNetwork: true,
      hostPID: true,
      hostIPC: true,
      volumes: [{ volumeSource: { hostPath: {} } }],
      containers: [privileged],
    };
    expect(one([{ spec }]).features).toEqual({ ...NOTHING, hostNetwork: 1, hostPid: 1, hostIpc: 1 });
  });
});

describe('folds of parts', () => {
  const TAINTED = aNode('taint-0', { taints: ['gpu', 'soft'].map((key) => ({ key, value: '', effect: 'NoSchedule' })) });
  const YOUNG = { name: 'kata-vm-isolation', handler: 'kata', nodeSelector: { pool: 'kata' }, createdAt: '1970-01-01T02:00:00.000Z' };
  const context = (bound: number) => foldContext([...NODES, TAINTED], [YOUNG], bound);
  const pods = Array.from({ length: 40 }, (_, at): WirePod => {
    const ended = { state: { terminated: { finishedAt: { seconds: 20_000 + ((at * 11) % 40) } } } };
    return {
      metadata: {
        ...owned('StatefulSet', `db-${at % 3}`).metadata,
        name: `p-${(at * 3) % 40}`,
        creationTimestamp: { seconds: 3_600 + ((at * 7) % 40) * 360 },
      },
      spec: {
        nodeName: ['kata-0', 'plain-0', undefined][at % 4],
        runtimeClassName: at % 5 === 0 ? undefined : YOUNG.name,
        hostNetwork: at % 2 === 0,
        nodeSelector: { disk: 'ssd', zone: String(at % 2) },
        schedulingGates: at % 6 === 0 ? [{}] : [],
        tolerations: [{ key: at < 7 ? undefined : 'gpu', operator: 'Exists' }],
      },
      status: { phase: ['Pending', 'Running', 'Failed', 'Pending', 'Succeeded'][at % 5], containerStatuses: [ended] },
    };
  });

  test('add up to the fold of all pods', () => {
    const whole = new PodFold(context(100));
    for (const part of [pods.slice(0, 7), pods.slice(7, 30), pods.slice(30)]) {
      const folded = new PodFold(context(100));
      for (const pod of part) folded.add(pod);
      whole.absorb(folded);
    }
    const counts = (groups: readonly PodGroup[]) => groups.map(({ examples: _, ...group }) => group);
    expect(counts(whole.groups())).toEqual(counts(fold(pods, context(100))));
    expect(whole.pods).toBe(40);
    for (const { examples, pods: all } of whole.groups()) expect(examples).toHaveLength(Math.min(5, all));
    for (const told of [
      'selectorMissing',
      'gated',
      'olderThanClass',
      'lastEnded',
      'tolerates',
      'nodeSelector',
      'oldestWaitingSince',
      'marked',
    ]) {
      expect(whole.groups().some((group) => told in group)).toBe(true);
    }
  });

  test('keep the limit and count the workloads beyond it', () => {
    const whole = new PodFold(context(2));
    for (const part of [pods.slice(0, 20), pods.slice(20)]) {
      const folded = new PodFold(context(100));
      for (const pod of part) folded.add(pod);
      whole.absorb(folded);
    }
    expect(whole.groups()).toHaveLength(2);
    expect(whole.pods).toBe(40);
    expect(whole.left).toBe(40 - whole.groups().reduce((sum, group) => sum + group.pods, 0));
  });
});
