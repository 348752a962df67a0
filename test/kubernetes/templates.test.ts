import { describe, expect, it } from 'vitest';
import { Fault } from '../../shared/domain/snapshot/fault.ts';
import type { TemplateOwner } from '../../shared/domain/snapshot/pod-template.ts';
import type { Lists, Selection } from '../../shared/kubernetes/pods/list.ts';
import { readTemplates, toTemplate } from '../../shared/kubernetes/templates.ts';
import type { Resource } from '../../shared/kubernetes/wire/resources.ts';
import { templateOwnerJson } from '../../shared/kubernetes/wire/templates.ts';

const named = (name: string) => ({ metadata: { name, namespace: 'shop' }, spec: { template: { spec: {} } } });
const owner = (ownerKind: TemplateOwner['ownerKind'], ownerName = 'cart') => ({ namespace: 'shop', ownerKind, ownerName });

/** Lists that return the same objects for every request, and record the requests. */
function listsWith(items: (path: string) => readonly unknown[] | Fault) {
  const asked: string[] = [];
  const lists: Lists = {
    async *pages<T>({ path, fromJson }: Resource<T>, { fieldSelector = '' }: Selection) {
      asked.push(`${path} ${fieldSelector}`.trim());
      const held = items(path);
      if (held instanceof Fault) throw held;
      const read = { items: () => held.map(fromJson), walk: () => false };
      yield { resourceVersion: '1', next: undefined, remaining: undefined, length: held.length, ...read };
    },
    stream: () => Promise.reject(new Error('Workloads are not streamed.')),
    whyNotStreamed: async () => undefined,
    putOff: 0,
  };
  const read = (owners: readonly TemplateOwner[], most = 10) => readTemplates(lists, owners, most, AbortSignal.timeout(1_000));
  return { asked, read };
}

describe('the pod templates of a cluster', () => {
  it('are those of every CronJob, and of the named owners', async () => {
    const { asked, read } = listsWith((path) => (path.endsWith('/cronjobs') ? [named('nightly')] : [named('cart')]));
    const seen = await read([owner('Deployment'), owner('StatefulSet'), owner('DaemonSet'), owner('CronJob', 'nightly')]);
    expect(seen).toMatchObject({
      value: [owner('Deployment'), owner('StatefulSet'), owner('DaemonSet'), owner('CronJob', 'nightly')],
      coverage: { kind: 'full' },
    });
    expect(asked).toEqual([
      '/apis/batch/v1/cronjobs',
      '/apis/apps/v1/namespaces/shop/deployments metadata.name=cart',
      '/apis/apps/v1/namespaces/shop/statefulsets metadata.name=cart',
      '/apis/apps/v1/namespaces/shop/daemonsets metadata.name=cart',
    ]);
  });

  it('are absent for a deleted owner', async () => {
    expect(await listsWith(() => []).read([owner('Deployment')])).toMatchObject({ value: [] });
  });

  it('end at the first refusal, so an auditor without the permission makes one request', async () => {
    const { asked, read } = listsWith(() => new Fault('denied', 'Forbidden.'));
    await expect(read([owner('Deployment'), owner('StatefulSet')])).rejects.toMatchObject({ code: 'denied' });
    expect(asked).toHaveLength(1);
  });

  it('are those of at most 200 owners, however many pods run outside a sandbox', async () => {
    const { asked, read } = listsWith(() => []);
    await read(Array.from({ length: 300 }, (_, at) => owner('Deployment', `d-${at}`)));
    expect(asked).toHaveLength(201);
  });

  it.each([
    [2, { kind: 'full' }],
    [
      3,
      {
        kind: 'truncated',
        message: 'The templates of 1 of 3 CronJobs were not stored: the maximum is 2 (pods.maxWorkloads).',
      },
    ],
  ])('of %i CronJobs, when two are kept, are covered as %j', async (count, coverage) => {
    const cronJobs = Array.from({ length: count }, (_, at) => named(`c-${at}`));
    const seen = await listsWith(() => cronJobs).read([], 2);
    expect(seen).toMatchObject({ value: [{}, {}], coverage });
  });
});

describe('a pod template', () => {
  const read = (ownerKind: TemplateOwner['ownerKind'], spec: object, status: object = {}) =>
    toTemplate(ownerKind, templateOwnerJson.parse({ metadata: { name: 'cart', namespace: 'shop' }, spec, status }));

  it('contains only the labels, the class and the host namespaces of its pods', () => {
    const template = {
      metadata: { labels: { app: 'cart', 'pod-template-hash': 'x' }, annotations: { secret: 'no' } },
      spec: {
        runtimeClassName: 'kata-vm-isolation',
        nodeSelector: { disk: 'ssd' },
        hostNetwork: true,
        hostIPC: true,
        containers: [{ env: [{ name: 'A', value: 'secret' }] }],
      },
    };
    const told = {
      labels: { app: 'cart' },
      runtimeClassName: 'kata-vm-isolation',
      nodeSelector: { disk: 'ssd' },
      hostNamespaces: ['hostNetwork', 'hostIpc'],
    };
    expect(read('Deployment', { template })).toEqual({ ...owner('Deployment'), ...told });
    expect(read('CronJob', { jobTemplate: { spec: { template } } })).toEqual({ ...owner('CronJob'), ...told });
  });

  it.each([
    ['Deployment', { paused: true }, 'paused'],
    ['Deployment', { paused: false }, undefined],
    ['StatefulSet', { updateStrategy: { type: 'OnDelete' } }, 'on-delete'],
    ['StatefulSet', { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } }, 'partition'],
    ['StatefulSet', { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } } }, undefined],
    ['DaemonSet', { updateStrategy: { type: 'OnDelete' } }, 'on-delete'],
    ['DaemonSet', { updateStrategy: { type: 'RollingUpdate' } }, undefined],
    ['DaemonSet', { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } }, undefined],
    ['CronJob', { suspend: true }, 'suspended'],
    ['CronJob', { suspend: false }, undefined],
    ['CronJob', {}, undefined],
  ] as const)('of a %s with %j is held: %s', (kind, spec, held) => {
    expect(read(kind, spec).held).toBe(held);
  });

  it.each([
    ['hostNetwork', 'hostNetwork'],
    ['hostPID', 'hostPid'],
    ['hostIPC', 'hostIpc'],
  ])('whose pods have %s alone has that alone, and no empty selector', (field, name) => {
    const expected = { ...owner('Deployment'), labels: {}, hostNamespaces: [name] };
    expect(read('Deployment', { template: { spec: { [field]: true, nodeSelector: {} } } })).toEqual(expected);
    expect(read('Deployment', { template: { spec: { [field]: false } } })).toEqual({ ...owner('Deployment'), labels: {} });
  });

  const FAILURE = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota:\nteam.' };
  const LATE = {
    type: 'Progressing',
    status: 'False',
    reason: 'ProgressDeadlineExceeded',
    message: 'ReplicaSet has timed out progressing.',
  };
  it.each([
    ['a quota', [FAILURE], 'exceeded quota: team'],
    ['a quota, which has precedence over the deadline', [LATE, FAILURE], 'exceeded quota: team'],
    ['a deadline', [LATE], 'ReplicaSet has timed out progressing'],
    ['a failure that has ended', [{ ...FAILURE, status: 'False' }], undefined],
    ['a pause, which is reported elsewhere', [{ ...LATE, status: 'Unknown', reason: 'DeploymentPaused' }], undefined],
    ['another condition that is met', [{ ...FAILURE, type: 'Available' }], undefined],
    ['another deadline', [{ ...LATE, type: 'Available' }], undefined],
    ['a deadline that is met', [{ ...LATE, status: 'True' }], undefined],
    ['another reason', [{ ...LATE, reason: 'NewReplicaSetCreated' }], undefined],
    ['nothing', [], undefined],
  ])('whose pods are blocked by %s quotes the controller', (_, conditions, refusal) => {
    expect(read('Deployment', {}, { conditions }).refusal).toBe(refusal);
  });

  it('is limited, whatever a name, a label or a message contains', () => {
    const labels = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`l${at}`, 'x'.repeat(60)]));
    const conditions = [{ ...FAILURE, message: 'm'.repeat(100_000) }];
    const template = { metadata: { labels }, spec: { runtimeClassName: 'k'.repeat(100_000) } };
    expect(JSON.stringify(read('Deployment', { template }, { conditions })).length).toBeLessThan(12_000);
  });
});
