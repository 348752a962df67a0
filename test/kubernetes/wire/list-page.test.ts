import { describe, expect, it } from 'vitest';
import { namespaceJson, nodeJson, persistentVolumeJson, podJson, runtimeClassJson } from '../../../shared/kubernetes/wire/json.ts';
import { parseListPage, parseStatus } from '../../../shared/kubernetes/wire/list-page.ts';
import { oneLine } from '../../../shared/kubernetes/wire/one-line.ts';
import { ADMISSION, NAMESPACES, NODES, PODS, podsOf, TEMPLATE_OWNERS } from '../../../shared/kubernetes/wire/resources.ts';
import { encodeEnvelope, encodeList, encodeObject } from '../../../shared/local/estate/kubernetes/protobuf.ts';

const json = (list: unknown) => Buffer.from(JSON.stringify(list));
const HEAD = { resourceVersion: '7', continue: '', remainingItemCount: undefined };
const encoded = (kind: string, items: readonly Buffer[], head: Parameters<typeof encodeList>[2] = HEAD) =>
  encodeList('v1', kind, head, items);

describe('a page', () => {
  it.each([
    ['JSON', json({ kind: 'PodList', metadata: { continue: '', remainingItemCount: null, resourceVersion: null }, items: [{}, {}] })],
    [
      'protobuf',
      encoded('PodList', [encodeObject('Pod', {}), encodeObject('Pod', {})], {
        resourceVersion: '',
        continue: '',
        remainingItemCount: undefined,
      }),
    ],
  ])('in %s that is the last one has no next page', (_, body) => {
    const { next, remaining, length, resourceVersion } = parseListPage(body, PODS);
    expect({ next, remaining, length, resourceVersion }).toEqual({ next: undefined, remaining: undefined, length: 2, resourceVersion: '' });
  });

  it.each([
    ['JSON', json({ kind: 'PodList', metadata: { continue: 'x' }, items: [] })],
    ['protobuf', encoded('PodList', [], { resourceVersion: '7', continue: 'x', remainingItemCount: undefined })],
  ])('in %s does not say that nothing remains when the server does not tell', (_, body) => {
    expect(parseListPage(body, PODS)).toMatchObject({ next: 'x', remaining: undefined });
  });

  it('without items or a head is empty', () => {
    for (const list of [{ kind: 'PodList' }, { kind: 'PodList', metadata: null, items: null }]) {
      const page = parseListPage(json(list), PODS);
      expect([page.length, [...page.items()], page.next]).toEqual([0, [], undefined]);
    }
  });

  it('in protobuf gives the bytes of each item, and in JSON none', () => {
    const items = [encodeObject('Pod', { metadata: { name: 'a' } }), encodeObject('Pod', { metadata: { name: 'b' } })];
    const seen: Buffer[] = [];
    const take = (bytes: Buffer, start: number, end: number) => seen.push(Buffer.from(bytes.subarray(start, end)));
    expect(parseListPage(encoded('PodList', items), PODS).walk(take)).toBe(true);
    expect(seen.map((one, at) => one.equals(items[at] ?? Buffer.alloc(0)))).toEqual([true, true]);
    expect(parseListPage(json({ kind: 'PodList', items: [{}] }), PODS).walk(take)).toBe(false);
    expect(seen).toHaveLength(2);
  });

  it.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['half of JSON', Buffer.from('{"kind":"PodList"')],
    ['another list', json({ kind: 'SecretList', items: [] })],
    ['a list without a kind', json({ items: [] })],
    ['items that are no list', json({ kind: 'PodList', items: {} })],
    ['another list in protobuf', encoded('NodeList', [])],
    ['half of protobuf', encoded('PodList', [encodeObject('Pod', {})]).subarray(0, 30)],
  ])('of %s is malformed', (_, body) => {
    expect(() => parseListPage(body, PODS)).toThrow(expect.objectContaining({ code: 'malformed' }));
  });

  it('with many problems names the first ones', () => {
    const items = [{ metadata: { name: 1, namespace: 1, labels: 1, ownerReferences: 1 }, spec: 1, status: 1 }];
    const page = parseListPage(json({ kind: 'PodList', items }), PODS);
    expect(() => [...page.items()]).toThrow(expect.objectContaining({ message: expect.stringMatching(/^([^;]*;){2}[^;]*$/) }));
  });

  it.each<[unknown, string]>([
    ['SecretList', 'expected a PodList, got "SecretList"'],
    ['x'.repeat(99), `expected a PodList, got "${'x'.repeat(59)}.`],
  ])('of the kind %j says what was expected', (kind, message) => {
    expect(() => parseListPage(json({ kind, items: [] }), PODS)).toThrow(message);
  });

  it('without a kind says which field is missing', () => {
    expect(() => parseListPage(json({ items: [] }), PODS)).toThrow(/^The list of pods could not be decoded: kind: /);
    expect(() => parseListPage(json([]), PODS)).toThrow(/^The list of pods could not be decoded: the response: /);
  });

  it('in protobuf of what is read as JSON only is malformed', () => {
    expect(() => parseListPage(encoded('DeploymentList', []), TEMPLATE_OWNERS.Deployment)).toThrow(
      expect.objectContaining({ code: 'malformed' }),
    );
  });

  it('with an item that is none is malformed when that is read, by any way', () => {
    const broken = parseListPage(encoded('PodList', [Buffer.from([0x0a, 200, 1])]), PODS);
    expect(() => [...broken.items()]).toThrow(expect.objectContaining({ code: 'malformed' }));
    const fails = () => {
      throw new Error('decoding');
    };
    expect(() => broken.walk(fails)).toThrow(expect.objectContaining({ code: 'malformed' }));
    const odd = parseListPage(
      json({ kind: 'NodeList', items: [{ metadata: { name: 5, labels: { a: 1 } }, spec: 'x', status: { conditions: 1 } }] }),
      NODES,
    );
    expect(() => [...odd.items()]).toThrow(/metadata\.name: .*; .*; [^;]*$/);
  });
});

describe('the words of a server', () => {
  const long = { message: 'm'.repeat(400), reason: 'r'.repeat(400) };
  it.each([
    ['JSON', json({ kind: 'Status', ...long })],
    ['protobuf', encodeEnvelope('v1', 'Status', long)],
  ])('in %s are cut', (_, body) => {
    expect(parseStatus(body)).toEqual({ message: 'm'.repeat(300), reason: 'r'.repeat(100) });
  });

  it('may be missing, and belong to a Status only', () => {
    expect(parseStatus(json({ kind: 'Status', message: null }))).toEqual({ message: '', reason: '' });
    expect(parseStatus(json({ kind: 'Pod', message: 'x' }))).toBeUndefined();
    expect(parseStatus(encodeObject('Pod', {}))).toBeUndefined();
    expect(parseStatus(encoded('PodList', []))).toBeUndefined();
  });

  it.each([
    ['a\nb\r\n\tc', 'a b c'],
    ['a\u2028b\u2029c\u200bd\u0000e\u202ef', 'a b c d e f'],
    ['The end... \n', 'The end'],
    ['v1.2. is', 'v1.2. is'],
    [' .', ''],
    ['x'.repeat(400), 'x'.repeat(300)],
  ])('%j become a part of one line', (text, expected) => {
    expect(oneLine(text)).toBe(expected);
    expect(oneLine(text, 1).length).toBeLessThanOrEqual(1);
  });
});

describe('an object in JSON', () => {
  it('may set nothing, or anything to null, as Go writes what is not set', () => {
    const none = { metadata: null, spec: null, status: null };
    for (const schema of [podJson, nodeJson, persistentVolumeJson, namespaceJson, runtimeClassJson]) {
      expect(schema.safeParse({}).success).toBe(true);
      expect(schema.safeParse({ ...none, handler: null, overhead: null, scheduling: null }).success).toBe(true);
    }
    const pod = {
      metadata: { name: null, namespace: null, creationTimestamp: null, labels: null, ownerReferences: null },
      spec: {
        ...{ volumes: null, containers: null, initContainers: null, ephemeralContainers: null, nodeName: null, nodeSelector: null },
        ...{ hostNetwork: null, hostPID: null, hostIPC: null, tolerations: null, schedulingGates: null, runtimeClassName: null },
        ...{ overhead: null, resources: null },
      },
      status: {
        phase: null,
        conditions: null,
        containerStatuses: [{ state: null }],
        initContainerStatuses: [{ state: { waiting: null, terminated: null } }],
      },
    };
    expect(podJson.safeParse(pod).success).toBe(true);
    const parts = {
      containers: [{ resources: null, securityContext: null, restartPolicy: null }],
      volumes: [{ name: null, hostPath: null, persistentVolumeClaim: null, ephemeral: null }],
    };
    expect(
      podJson.safeParse({ spec: { ...parts, tolerations: [{}], ephemeralContainers: [{ resources: { limits: null } }] } }).success,
    ).toBe(true);
    expect(
      nodeJson.safeParse({
        spec: { unschedulable: null, taints: null },
        status: { conditions: null, nodeInfo: null, runtimeHandlers: [{ name: null }] },
      }).success,
    ).toBe(true);
    expect(persistentVolumeJson.safeParse({ spec: { hostPath: null, local: null, claimRef: null } }).success).toBe(true);
  });

  it.each<[string, object]>([
    ['a label', { metadata: { labels: { a: 1 } } }],
    ['one label of two', { metadata: { labels: { a: '1', b: 2 } } }],
    ['no labels, but a text', { metadata: { labels: 'a' } }],
    ['labels in a list', { metadata: { labels: ['a'] } }],
    ['a time', { metadata: { creationTimestamp: 'yesterday' } }],
    ['a flag', { spec: { hostPID: 'true' } }],
    ['a quantity', { spec: { overhead: { memory: true } } }],
    ['one quantity of two', { spec: { overhead: { cpu: '1', memory: true } } }],
    ['quantities in a list', { spec: { overhead: ['1'] } }],
    ['a volume', { spec: { volumes: [{ hostPath: 'x' }] } }],
    ['a phase', { status: { phase: 1 } }],
    ['conditions', { status: { conditions: {} } }],
  ])('with %s of another type is none', (_, pod) => {
    expect(podJson.safeParse(pod).success).toBe(false);
  });

  it('keeps hostile keys as keys, numbers as quantities, and times to the second', () => {
    const text =
      '{"metadata":{"labels":{"__proto__":"x"},"creationTimestamp":"1970-01-01T01:00:07.9+01:00"},"spec":{"overhead":{"__proto__":2,"memory":1.5}}}';
    const { metadata, spec } = podJson.parse(JSON.parse(text));
    expect([Object.entries(metadata?.labels ?? {}), metadata?.creationTimestamp]).toEqual([[['__proto__', 'x']], { seconds: 7 }]);
    expect(Object.entries(spec?.overhead ?? {})).toEqual([
      ['__proto__', { string: '2' }],
      ['memory', { string: '1.5' }],
    ]);
  });
});

describe('what is listed', () => {
  it.each([
    [podsOf('a/b'), '/api/v1/namespaces/a%2Fb/pods', 'PodList', 'pods'],
    [NAMESPACES, '/api/v1/namespaces', 'NamespaceList', 'namespaces'],
    [TEMPLATE_OWNERS.Deployment, '/apis/apps/v1/deployments', 'DeploymentList', 'deployments.apps'],
    [TEMPLATE_OWNERS.CronJob, '/apis/batch/v1/cronjobs', 'CronJobList', 'cronjobs.batch'],
    [
      ADMISSION.mutating.bindings,
      '/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings',
      'MutatingAdmissionPolicyBindingList',
      'mutatingadmissionpolicybindings.admissionregistration.k8s.io',
    ],
  ])('has its path, its kind and its name for permissions', ({ path, listKind, plural }, ...expected) => {
    expect([path, listKind, plural]).toEqual(expected);
  });
});
