import { describe, expect, test } from 'vitest';
import type { PodGroup } from '../../../shared/domain/snapshot/pod-group.ts';
import type { RuntimeClass } from '../../../shared/domain/snapshot/snapshot.ts';
import { PodFold } from '../../../shared/kubernetes/pods/fold.ts';
import { foldContext } from '../../../shared/kubernetes/pods/fold-context.ts';
import type { WirePod } from '../../../shared/kubernetes/wire/messages.ts';
import { aNode } from '../support/a-node.ts';

const KATA: RuntimeClass = { name: 'kata-vm-isolation', handler: 'kata', nodeSelector: {} };

/** The fields of a pod; the others are those of a running pod without an owner. */
interface PodPlan {
  readonly name?: string;
  readonly owner?: readonly [apiVersion: string, kind: string, name: string];
  readonly labels?: Record<string, string>;
  readonly minute?: number;
  readonly phase?: string;
  readonly spec?: WirePod['spec'];
  readonly status?: WirePod['status'];
}

function aPod({ name = 'p', owner, labels = {}, minute, phase = 'Running', spec, status }: PodPlan): WirePod {
  const [apiVersion, kind, ownerName] = owner ?? [];
  return {
    metadata: {
      name,
      namespace: 'n',
      labels,
      ...(minute === undefined ? {} : { creationTimestamp: { seconds: minute * 60 } }),
      ...(owner === undefined ? {} : { ownerReferences: [{ apiVersion, kind, name: ownerName, controller: true }] }),
    },
    spec,
    status: { phase, ...status },
  };
}

function fold(plans: readonly PodPlan[], classes: readonly RuntimeClass[] = [KATA]): readonly PodGroup[] {
  const folded = new PodFold(foldContext([aNode('kata-0', { runtimeHandlers: ['', 'kata'] })], classes, 100));
  for (const plan of plans) folded.add(aPod(plan));
  return folded.groups();
}

const told = (groups: readonly PodGroup[]) =>
  groups.map(({ ownerKind, ownerName, runtimeClassName }) => [ownerKind, ownerName, runtimeClassName]);

describe('the identity of a group', () => {
  test('cannot be forged with the text of an owner or a label', () => {
    const groups = fold([
      { name: 'decoy', owner: ['apps/v1', 'Deployment', 'web'], labels: { z: '' }, spec: { runtimeClassName: 'kata-vm-isolation' } },
      { name: 'hidden', owner: ['apps/v1', 'Deployment', 'web\nkata-vm-isolation\nz'] },
    ]);
    expect(told(groups)).toEqual([
      ['Deployment', 'web', 'kata-vm-isolation'],
      ['Pod', 'hidden', undefined],
    ]);
  });

  test('separates two pods that claim the same impossible owner', () => {
    const owner = ['apps/v1', 'Deployment', 'no name'] as const;
    expect(
      told(
        fold([
          { name: 'a', owner },
          { name: 'b', owner },
        ]),
      ),
    ).toEqual([
      ['Pod', 'a', undefined],
      ['Pod', 'b', undefined],
    ]);
  });

  test('separates owners with one name in two API groups', () => {
    const groups = fold([
      { owner: ['apps/v1', 'StatefulSet', 'web'] },
      { owner: ['apps.kruise.io/v1beta1', 'StatefulSet', 'web'] },
      { owner: ['apps/v1', 'DaemonSet', 'web'] },
      { owner: ['apps/v1', 'StatefulSet', 'web'] },
    ]);
    expect(groups.map(({ ownerKind, ownerGroup, pods }) => [ownerKind, ownerGroup, pods])).toEqual([
      ['StatefulSet', undefined, 2],
      ['StatefulSet', 'apps.kruise.io', 1],
      ['DaemonSet', undefined, 1],
    ]);
  });

  const web = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'web' };
  test.each([
    ['nobody', [web], []],
    ['an owner that is not its controller', [web], [{ ...web, controller: false }]],
    [
      'an owner that is not its controller, and a controller',
      [
        { ...web, name: 'backup' },
        { ...web, controller: true },
      ],
      [{ ...web, name: 'backup' }],
    ],
    [
      'its controller, and an owner that both have',
      [
        { ...web, name: 'backup' },
        { ...web, controller: true },
      ],
      [
        { ...web, name: 'backup' },
        { ...web, name: 'db', controller: true },
      ],
    ],
  ])('does not treat a pod as the sibling of another that is owned by %s', (_, owners, others) => {
    const folded = new PodFold(foldContext([], [], 100));
    const [first] = owners;
    const controlled = owners.length === 1 ? [{ ...first, controller: true }] : owners;
    for (const ownerReferences of [controlled, others])
      folded.add({ metadata: { name: 'p', namespace: 'n', labels: {}, ownerReferences } });
    expect(folded.groups().map(({ pods }) => pods)).toEqual([1, 1]);
  });

  test('separates siblings when one owner, namespace or label differs', () => {
    const owner = ['apps/v1', 'ReplicaSet', 'web-1'] as const;
    const base = { owner, labels: { app: 'web' } };
    expect(fold([base, { ...base, labels: { app: 'web', tier: 'x' } }, base, { ...base, labels: {} }]).map(({ pods }) => pods)).toEqual([
      2, 1, 1,
    ]);
  });
});

describe('two folds of one workload', () => {
  const waitingSince = (minute: number, name: string): PodPlan => ({
    name,
    owner: ['apps/v1', 'StatefulSet', 'db'],
    minute,
    phase: 'Pending',
  });

  test('keep the longer wait when they are merged, in either order, and name the same pods', () => {
    const merged = [
      [waitingSince(1_000, 'db-1'), waitingSince(2_000, 'db-0')],
      [waitingSince(2_000, 'db-0'), waitingSince(1_000, 'db-1')],
    ].map(([one, other]) => {
      const [whole, part] = [new PodFold(foldContext([], [], 100)), new PodFold(foldContext([], [], 100))];
      if (one !== undefined) whole.add(aPod(one));
      if (other !== undefined) part.add(aPod(other));
      whole.absorb(part);
      return whole.groups()[0];
    });
    for (const group of merged) {
      expect(group).toMatchObject({
        waiting: 2,
        oldestWaitingSince: new Date(60_000_000).toISOString(),
        marked: { waiting: ['db-0', 'db-1'] },
      });
      expect(group).toMatchObject({
        oldestCreatedAt: new Date(60_000_000).toISOString(),
        newestCreatedAt: new Date(120_000_000).toISOString(),
      });
    }
  });

  test('stay separate when only the namespace differs', () => {
    const pod = aPod({ owner: ['apps/v1', 'ReplicaSet', 'web-1'], labels: { app: 'web' } });
    const folded = new PodFold(foldContext([], [], 100));
    for (const namespace of ['n', 'm']) folded.add({ ...pod, metadata: { ...pod.metadata, namespace } });
    expect(folded.groups().map(({ namespace, pods }) => [namespace, pods])).toEqual([
      ['n', 1],
      ['m', 1],
    ]);
  });

  test('stay separate when one pod has ended', () => {
    const base: PodPlan = { owner: ['apps/v1', 'ReplicaSet', 'web-1'] };
    expect(fold([base, { ...base, phase: 'Failed' }, base]).map(({ phases }) => [phases.running, phases.failed])).toEqual([
      [2, 0],
      [0, 1],
    ]);
  });
});

describe('the stored text', () => {
  test('is limited, and marked when it was cut', () => {
    const labels = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`label-${at}`, 'x']));
    const [group] = fold([{ name: 'n'.repeat(1_000_000), labels: { ...labels, long: 'v'.repeat(1_000_000) } }]);
    expect(JSON.stringify(group).length).toBeLessThan(5_000);
    expect(group?.ownerName).toMatch(/^n+…[0-9a-f]{16}$/);
    expect(group).toMatchObject({ labelsCut: 401 });
  });

  test('does not merge two names because they were cut', () => {
    const groups = fold(['a', 'b'].map((end) => ({ name: `${'n'.repeat(1_000)}${end}` })));
    expect(groups).toHaveLength(2);
  });
});

describe('finished pods', () => {
  const run = (minute: number, over: PodPlan = {}): PodPlan => ({
    owner: ['batch/v1', 'Job', `nightly-${minute}`],
    minute: minute + 1,
    phase: 'Succeeded',
    ...over,
  });

  test('of a CronJob represent it only by their newest run', () => {
    const groups = fold([
      run(29_600_000),
      run(29_600_060),
      run(29_600_060, { spec: { runtimeClassName: 'kata-vm-isolation' } }),
      run(29_599_940),
    ]);
    const due = new Date(29_600_060 * 60_000).toISOString();
    expect(groups.map(({ ownerName, lastRunAt, pods }) => [ownerName, lastRunAt, pods])).toEqual([
      ['nightly', due, 1],
      ['nightly', due, 1],
    ]);
  });

  test('of a CronJob represent nothing when a newer run is active', () => {
    const groups = fold([run(29_600_000), run(29_600_060, { phase: 'Running' }), run(29_600_000)]);
    expect(groups.map(({ phases }) => phases.running)).toEqual([1]);
  });

  test('are those of the newest run also over the parts of a fold', () => {
    const parts = [[run(29_600_000), run(29_600_060)], [run(29_600_120)], [run(29_600_060)]].map((plans) => {
      const part = new PodFold(foldContext([], [], 100));
      for (const plan of plans) part.add(aPod(plan));
      return part;
    });
    const whole = new PodFold(foldContext([], [], 100));
    for (const part of parts) whole.absorb(part);
    expect(whole.groups().map(({ lastRunAt }) => lastRunAt)).toEqual([new Date(29_600_120 * 60_000).toISOString()]);
    expect(whole.pods).toBe(4);
  });

  test('contain when and how the last of them ended', () => {
    const ended = (phase: string, finishedAt: number): PodPlan => ({
      owner: ['batch/v1', 'Job', 'import'],
      phase,
      status: { containerStatuses: [{ state: { terminated: { finishedAt: { seconds: finishedAt } } } }] },
    });
    const [group] = fold([ended('Failed', 1_000), ended('Failed', 3_000), ended('Succeeded', 2_000)]);
    expect(group?.lastEnded).toEqual({ at: new Date(3_000_000).toISOString(), phase: 'failed' });
  });
});

describe('a waiting pod', () => {
  const pending = (over: PodPlan): PodPlan => ({ owner: ['apps/v1', 'StatefulSet', 'db'], minute: 1_000, phase: 'Pending', ...over });
  const scheduled = (status: string, minute: number, message = ''): WirePod['status'] => ({
    conditions: [{ type: 'PodScheduled', status, reason: 'Unschedulable', message, lastTransitionTime: { seconds: minute * 60 } }],
  });

  test("is named among running ones, with the scheduler's reason in one line", () => {
    const [group] = fold([
      pending({ name: 'db-0', phase: 'Running' }),
      pending({ name: 'db-1', status: scheduled('False', 1_000, '0/3 nodes\nare available.') }),
    ]);
    expect(group).toMatchObject({ waiting: 1, waitingReason: '0/3 nodes are available', marked: { waiting: ['db-1'] } });
  });

  test('waits since it got its node, when it has one', () => {
    const [group] = fold([pending({ status: scheduled('True', 1_020) })]);
    expect(group?.oldestWaitingSince).toBe(new Date(1_020 * 60_000).toISOString());
  });

  test('waits intentionally behind a scheduling gate', () => {
    const [group] = fold([pending({ spec: { schedulingGates: [{}] }, status: scheduled('False', 1_000) })]);
    expect(group).toMatchObject({ waiting: 0, gated: 1 });
  });
});

describe('a recreated class', () => {
  const createdAt = '2026-11-20T10:00:00.000Z';
  const ofClass = Date.parse(createdAt) / 60_000;
  const aged = (minute: number): PodPlan => ({
    owner: ['apps/v1', 'StatefulSet', 'db'],
    name: `db-${minute}`,
    minute,
    spec: { runtimeClassName: KATA.name },
  });

  test('is newer than the pods that were created before it, and than no others', () => {
    const [group] = fold([aged(ofClass - 1), aged(ofClass), aged(ofClass + 1)], [{ ...KATA, createdAt }]);
    expect(group).toMatchObject({ olderThanClass: 1, marked: { olderThanClass: [`db-${ofClass - 1}`] } });
  });

  test('decides nothing when its age is unknown', () => {
    expect(fold([aged(999)])[0]).not.toHaveProperty('olderThanClass');
  });
});

describe('tolerations', () => {
  const taints = [
    { key: 'sandbox', value: 'kata', effect: 'NoSchedule' },
    { key: 'gpu', value: '', effect: 'NoExecute' },
    { key: 'soft', value: '', effect: 'PreferNoSchedule' },
  ];
  const context = foldContext([aNode('kata-0', { taints })], [], 100);
  const pod = (tolerations: NonNullable<NonNullable<WirePod['spec']>['tolerations']>) =>
    aPod({ owner: ['apps/v1', 'StatefulSet', 'db'], spec: { tolerations } });

  test.each([
    ['the key and the value', [{ key: 'sandbox', value: 'kata', effect: 'NoSchedule' }], ['sandbox=kata:NoSchedule']],
    ['only the key', [{ key: 'sandbox', operator: 'Exists' }], ['sandbox=kata:NoSchedule']],
    ['another value', [{ key: 'sandbox', operator: 'Equal', value: 'other' }], undefined],
    ['another effect', [{ key: 'sandbox', operator: 'Exists', effect: 'NoExecute' }], undefined],
    ['everything', [{ operator: 'Exists' }], ['*', 'sandbox=kata:NoSchedule', 'gpu:NoExecute']],
    ['nothing', [], undefined],
  ] as const)('are kept as the taints that they cover: %s', (_, tolerations, expected) => {
    const folded = new PodFold(context);
    folded.add(pod(tolerations));
    expect(folded.groups()[0]?.tolerates).toEqual(expected);
  });

  test('are those that every pod of the group has', () => {
    const folded = new PodFold(context);
    folded.add(pod([{ operator: 'Exists' }]));
    folded.add(pod([{ key: 'gpu', operator: 'Exists' }]));
    expect(folded.groups()[0]?.tolerates).toEqual(['gpu:NoExecute']);
  });
});

describe('node selectors', () => {
  const context = foldContext(
    [aNode('kata-0')],
    [
      { name: 'runc', handler: 'runc', nodeSelector: { plain: 'yes' } },
      { name: 'kata', handler: 'kata', nodeSelector: { kata: 'yes' } },
    ],
    100,
  );
  const folded = (...selectors: (Record<string, string> | undefined)[]) => {
    const fold = new PodFold(context);
    for (const nodeSelector of selectors) fold.add(aPod({ owner: ['apps/v1', 'StatefulSet', 'db'], spec: { nodeSelector } }));
    return fold.groups()[0]?.nodeSelector;
  };

  test.each([
    ['one', [{ disk: 'ssd' }], { disk: 'ssd' }],
    ['none', [undefined], undefined],
    [
      'what every pod asks',
      [
        { disk: 'ssd', zone: '1' },
        { disk: 'ssd', zone: '2' },
      ],
      { disk: 'ssd' },
    ],
    ['nothing, where one pod asks nothing', [{ disk: 'ssd' }, undefined], undefined],
    ['nothing, where an earlier pod asked nothing', [undefined, { disk: 'ssd' }], undefined],
  ] as const)('of pods without a class are kept: %s', (_, selectors, expected) => {
    expect(folded(...selectors)).toEqual(expected);
  });

  test.each([
    ['without what an ordinary class adds', 'runc', { plain: 'yes', disk: 'ssd' }, { disk: 'ssd' }],
    ['with what contradicts it', 'runc', { plain: 'no' }, { plain: 'no' }],
    ['not, where the class is a sandbox', 'kata', { kata: 'yes', disk: 'ssd' }, undefined],
  ] as const)('of pods with a class are kept %s', (_, runtimeClassName, nodeSelector, expected) => {
    const fold = new PodFold(context);
    fold.add(aPod({ owner: ['apps/v1', 'StatefulSet', 'db'], spec: { runtimeClassName, nodeSelector } }));
    expect(fold.groups()[0]?.nodeSelector).toEqual(expected);
  });

  test('are kept up to a bound', () => {
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`l${at}`, 'x']));
    expect(Object.keys(folded(many) ?? {})).toHaveLength(20);
  });
});
