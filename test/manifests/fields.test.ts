import { describe, expect, it } from 'vitest';
import { hiddenTemplate, isOwnKind, kindProblem, templatePaths, versionProblem } from '../../shared/manifests/kinds.ts';
import type { ManifestObject } from '../../shared/manifests/objects.ts';
import { pathText } from '../../shared/manifests/path.ts';
import { groupOfTemplate, readTemplate } from '../../shared/manifests/pod-template.ts';
import { unknownFields } from '../../shared/manifests/unknown-fields.ts';
import { incompleteTemplate, isPatch, misplacedFields, unusableValues } from '../../shared/manifests/unusual.ts';

const object = (apiVersion: string, kind: string, value: Readonly<Record<string, unknown>> = {}): ManifestObject => ({
  apiVersion,
  kind,
  value,
  path: [],
});
const places = (problems: readonly { readonly path: readonly (string | number)[] }[]) => problems.map(({ path }) => pathText(path));

describe('a field that is judged', () => {
  const inTemplate = (spec: object) => places(misplacedFields({ spec: { template: { spec } } }, [['spec', 'template']]));

  it.each<[string, object, readonly string[]]>([
    ['where it belongs', { runtimeClassName: 'x', hostNetwork: true, hostPID: true, hostIPC: true }, []],
    ['in a volume', { volumes: [{ hostPath: {} }] }, []],
    [
      'in each kind of container',
      {
        containers: [{ securityContext: { privileged: true } }],
        initContainers: [{}, { securityContext: { privileged: true } }],
        ephemeralContainers: [{ securityContext: { privileged: true } }],
      },
      [],
    ],
    ['in the source of a volume', { volumes: [{ x: { hostPath: {} } }] }, ['volumes[0].x.hostPath']],
    ['in a list of other things', { myvolumes: [{ hostPath: {} }] }, ['myvolumes[0].hostPath']],
    ['beside volumes', { hostPath: {} }, ['hostPath']],
    [
      'in a container',
      { containers: [{ privileged: true, hostNetwork: true }] },
      ['containers[0].privileged', 'containers[0].hostNetwork'],
    ],
    [
      'in another kind of container',
      { xcontainers: [{ securityContext: { privileged: true } }] },
      ['xcontainers[0].securityContext.privileged'],
    ],
    [
      'deeper in a security context',
      { containers: [{ securityContext: { x: { privileged: true } } }] },
      ['containers[0].securityContext.x.privileged'],
    ],
    ['in a spec within the spec', { spec: { hostPID: true } }, ['spec.hostPID']],
    [
      'with other letters',
      { host_network: true, 'host-pid': true, HostIPC: true, runtime_class_name: 'x' },
      ['host_network', 'host-pid', 'HostIPC', 'runtime_class_name'],
    ],
    ['like those of every object', { constructor: {}, toString: {} }, []],
    [
      'in maps of any keys',
      { nodeSelector: { privileged: 'x' }, labels: { hostPID: 'x' }, annotations: { hostPID: 'x' }, matchLabels: { hostIPC: 'x' } },
      [],
    ],
  ])('is found: %s', (_, spec, expected) => {
    expect(inTemplate(spec)).toEqual(expected.map((one) => `spec.template.spec.${one}`));
  });

  it('is found at the top and in a template by itself, but not in other parts of an object', () => {
    const hidden = {
      hostPID: true,
      metadata: { hostPID: true },
      status: { hostPID: true },
      data: { hostPID: true },
      template: { hostPID: true },
      spec: { hostPID: true },
    };
    expect(places(misplacedFields(hidden, [['template']]))).toEqual(['hostPID', 'template.hostPID', 'spec.hostPID']);
    expect(misplacedFields(hidden, [])).toEqual([]);
    expect(misplacedFields([{ spec: {} }], [[]])).toEqual([]);
  });

  it('belongs in the template that it stands in, or else in the first one', () => {
    const templates = [
      ['spec', 'a'],
      ['spec', 'b'],
    ];
    const wrong = misplacedFields({ spec: { a: { spec: {} }, b: { hostPID: true, spec: { hostIPC: true } }, hostPID: true } }, templates);
    expect(wrong.map(({ message }) => /belongs in (\S+)\. /.exec(message)?.[1])).toEqual(['spec.b.spec', 'spec.a.spec']);
    expect(misplacedFields({ hostPID: true }, [[]])[0]?.message).toContain('belongs in spec. ');
  });
});

describe('a field that Kubernetes does not know', () => {
  it.each<[ManifestObject, readonly string[]]>([
    [object('apps/v1', 'Deployment', { apiVersion: 1, kind: 1, metadata: 1, spec: 1, status: 1 }), []],
    [object('apps/v1', 'Deployment', { template: {}, data: {} }), ['template', 'data']],
    [object('v1', 'PodTemplate', { template: {}, data: {} }), ['data']],
  ])('at the top of %j', (value, expected) => {
    expect(places(unknownFields(value, []))).toEqual(expected);
  });

  it('in each pod spec, and nowhere below it', () => {
    const spec = {
      runtimeClass: 'x',
      hostNetwork: true,
      volumes: [],
      containers: [{ x: 1 }],
      schedulingGroup: {},
      activeDeadlineSeconds: 1,
    };
    const value = object('batch/v1', 'Job', { spec: { a: { spec }, b: { spec: [] }, c: {}, d: { spec: { y: 1 } } } });
    const templates = ['a', 'b', 'c', 'd'].map((name) => ['spec', name]);
    expect(places(unknownFields(value, templates))).toEqual(['spec.a.spec.runtimeClass', 'spec.d.spec.y']);
  });
});

describe('a value that no API server accepts', () => {
  const unusable = (template: object) => places(unusableValues(template, ['t']));
  const limited = (memory: unknown) => ({ resources: { limits: { memory } } });

  it.each<[string, object, readonly string[]]>([
    ['a class of a valid name', { spec: { runtimeClassName: 'kata-vm.isolation' } }, []],
    ['a class of no valid name', { spec: { runtimeClassName: 'Kata' } }, ['t.spec.runtimeClassName']],
    ['an empty class', { spec: { runtimeClassName: '' } }, ['t.spec.runtimeClassName']],
    ['a class that is no text, which is told elsewhere', { spec: { runtimeClassName: 5 } }, []],
    ['labels of valid values', { metadata: { labels: { a: '', b: 'x', c: 'A-b_c.9', d: 'x'.repeat(63) } } }, []],
    [
      'labels of other values',
      { metadata: { labels: { a: '-x', b: 'x-', c: 'x y', d: 'x'.repeat(64), e: 'x\n', f: 5 } } },
      ['a', 'b', 'c', 'd', 'e'].map((label) => `t.metadata.labels.${label}`),
    ],
    ['labels that are no map', { metadata: { labels: ['-x'] } }, []],
    [
      'limits of containers',
      { spec: { containers: [limited('1Gi'), limited('x')], initContainers: [limited('1 Gi'), limited(-1), limited(0)] } },
      [
        't.spec.containers[1].resources.limits.memory',
        't.spec.initContainers[0].resources.limits.memory',
        't.spec.initContainers[1].resources.limits.memory',
      ],
    ],
    ['a limit of the pod', { spec: limited('-1') }, ['t.spec.resources.limits.memory']],
    ['containers that are no list', { spec: { containers: { length: 2 } } }, []],
  ])('%s', (_, template, expected) => {
    expect(unusable(template)).toEqual(expected);
  });

  it.each<[string, boolean]>([
    ...['1', '+1', '1.', '1.5', '.5', '10Mi', '1k', '1E', '1e3', '1E-2', '5m', '12Ki', '1n', '1Ei'].map((text): [string, boolean] => [
      text,
      true,
    ]),
    ...['', '.', '-1', 'x1', '1x', '1K', '1mi', '1e', '1e+', '1Mi ', ' 1', '++1', '1.1.1', '1\n', '1MiB'].map((text): [string, boolean] => [
      text,
      false,
    ]),
  ])('a limit of %j', (limit, isUsable) => {
    expect(unusable({ spec: limited(limit) })).toHaveLength(isUsable ? 0 : 1);
  });
});

describe('a part of a manifest', () => {
  const container = { name: 'c', image: 'i' };
  it.each<[string, unknown, string | undefined]>([
    ['has all it takes', { spec: { containers: [container] } }, undefined],
    ['has no spec', {}, 'spec'],
    ['has a spec that is a list', { spec: [container] }, 'spec'],
    ['has no containers', { spec: {} }, 'spec'],
    ['has an empty list of them', { spec: { containers: [] } }, 'spec'],
    ['has no list of them', { spec: { containers: { 0: container } } }, 'spec'],
    ['has one without an image', { spec: { containers: [container, { name: 'd' }] } }, 'spec.containers[1]'],
    ['has one with an empty image', { spec: { containers: [{ image: '' }] } }, 'spec.containers[0]'],
    ['has one with an image of nothing', { spec: { containers: [{ image: null }] } }, 'spec.containers[0]'],
    ['has one that is no map, which is told elsewhere', { spec: { containers: ['x'] } }, undefined],
  ])('%s', (_, template, expected) => {
    const told = incompleteTemplate(template, ['t']);
    expect(told && pathText(told.path)).toBe(expected === undefined ? undefined : `t.${expected}`);
  });

  it.each<[unknown, boolean]>([
    [{ $patch: 'delete' }, true],
    [{ spec: [{ a: { '$setElementOrder/containers': [] } }] }, true],
    [[{ $retainKeys: [] }], true],
    [{ a: { '$deleteFromPrimitiveList/x': [] } }, true],
    [{ spec: [{ a: 1 }, 'x', null] }, false],
    [{ x$patch: 1, $other: 1 }, false],
    ['$patch', false],
  ])('that declares itself a patch: %j', (value, is) => {
    expect(isPatch(value)).toBe(is);
  });
});

describe('a kind', () => {
  it.each<[string, boolean]>([
    ['v1', true],
    ['apps/v1', true],
    ['batch/v1', true],
    ['apps.kruise.io/v1', false],
    ['myapps/v1', false],
    ['extensions/v1beta1', false],
  ])('of %s is one of Kubernetes: %s', (apiVersion, is) => {
    expect(isOwnKind(object(apiVersion, 'StatefulSet'))).toBe(is);
  });

  it.each<[string, string, boolean]>([
    ['apps/v1', 'Deployment', false],
    ['apps/v1', 'deployment', true],
    ['v1', 'Deployment', true],
    ['batch/v1', 'Deployment', true],
    ['extensions/v1beta1', 'Deployment', false],
    ['extensions/v1beta1', 'StatefulSet', true],
    ['v1', 'PODTEMPLATE', true],
    ['v1', 'Service', false],
    ['example.com/v1', 'deployment', false],
    ['apps.kruise.io/v1', 'statefulset', false],
    ['xbatch/v1', 'job', false],
  ])('%s %s that kubectl does not find is reported: %s', (apiVersion, kind, isTold) => {
    expect(kindProblem(object(apiVersion, kind)) !== undefined).toBe(isTold);
  });

  it.each<[string, string, boolean]>([
    ['v1', 'Pod', false],
    ['/v1', 'Pod', false],
    ['v2', 'Pod', true],
    ['v1beta1', 'Pod', true],
    ['apps/v1', 'Deployment', false],
    ['apps/v10', 'Deployment', true],
    ['apps/v1beta1', 'Deployment', true],
    ['apps/v1beta2', 'StatefulSet', true],
    ['apps/v1beta3', 'Other', false],
    ['extensions/v1beta1', 'Deployment', true],
    ['extensions/v1beta1', 'Other', true],
    ['extensions/v1beta10', 'Other', false],
    ['xextensions/v1beta1', 'Other', false],
    ['batch/v1beta1', 'CronJob', true],
    ['batch/v2alpha1', 'CronJob', true],
    ['batch/v1', 'cronjob', false],
    ['batch/v3', 'CronJob', true],
    ['node.k8s.io/v1', 'RuntimeClass', false],
    ['node.k8s.io/v1beta1', 'RuntimeClass', true],
    ['node.k8s.io/v1alpha1', 'RuntimeClass', true],
    ['example.com/v2', 'Job', false],
    ['v2', 'ConfigMap', false],
  ])('%s %s in a version that is not served is reported: %s', (apiVersion, kind, isTold) => {
    expect(versionProblem(object(apiVersion, kind)) !== undefined).toBe(isTold);
  });

  it('has its templates where they are, and none where they are not maps', () => {
    const paths = (kind: string, value: Record<string, unknown>) =>
      templatePaths(object('batch.volcano.sh/v1', kind, value))?.map(pathText);
    expect(paths('Job', { spec: { tasks: [{ template: {} }, { template: 5 }, {}, { template: {} }] } })).toEqual([
      'spec.tasks[0].template',
      'spec.tasks[3].template',
    ]);
    expect(paths('Job', { spec: { tasks: { a: { template: {} } } } })).toEqual(['spec.tasks.a.template']);
    expect([paths('Job', { spec: { tasks: 'x' } }), paths('Job', {}), paths('Other', {})]).toEqual([[], [], undefined]);
  });

  const PODS = { spec: { containers: [{ image: 'i' }] } };
  it.each<[string, string, Record<string, unknown>, string | undefined]>([
    ['example.com/v1', 'Farm', { spec: { a: [1, PODS] } }, 'spec.a[1].spec'],
    ['example.com/v1', 'Farm', { spec: { podTemplate: {} } }, 'spec.podTemplate'],
    ['example.com/v1', 'Farm', { spec: { podTemplateSpec: {} } }, 'spec.podTemplateSpec'],
    ['example.com/v1', 'Farm', { spec: { podTemplateName: {}, xpodTemplate: {}, podTemplate: 'x' } }, undefined],
    ['example.com/v1', 'Farm', { spec: { containers: [] } }, undefined],
    ['example.com/v1', 'Farm', { spec: { containers: [{ image: 'i' }, {}] } }, undefined],
    ['example.com/v1', 'Farm', { metadata: PODS, status: PODS, data: PODS, stringData: PODS }, undefined],
    ['example.com/v1', 'Application', PODS, 'spec'],
    ['argoproj.io/v1', 'Application', PODS, undefined],
    ['argoproj.io/v1', 'ApplicationSet', PODS, undefined],
    ['argoproj.io/v1', 'Workflow', PODS, 'spec'],
    ['kyverno.io/v1', 'Policy', PODS, undefined],
    ['policies.kyverno.io/v1', 'Policy', PODS, undefined],
    ['mykyverno.io/v1', 'Policy', PODS, 'spec'],
    ['kyverno.io.example.com/v1', 'Policy', PODS, 'spec'],
    ['source.toolkit.fluxcd.io/v1', 'X', PODS, undefined],
    ['helm.cattle.io/v1', 'X', PODS, undefined],
    ['constraints.gatekeeper.sh/v1', 'X', PODS, undefined],
    ['kustomize.config.k8s.io/v1', 'X', PODS, undefined],
    ['admissionregistration.k8s.io/v1', 'X', PODS, undefined],
    ['x.admissionregistration.k8s.io/v1', 'X', PODS, 'spec'],
    ['apiextensions.k8s.io/v1', 'X', PODS, undefined],
    ['apiextensions.k8s.io.x/v1', 'X', PODS, 'spec'],
  ])('%s %s, whose templates are not known, hides one: %j', (apiVersion, kind, value, expected) => {
    const found = hiddenTemplate(object(apiVersion, kind, value));
    expect(found && pathText(found)).toBe(expected);
  });
});

describe('a pod template', () => {
  const read = (template: object) => {
    const { pod, refused } = readTemplate(template, ['t']);
    return { pod, refused: places(refused) };
  };

  it('is read without what is of a wrong type, and without changing what it was read from', () => {
    const template = {
      metadata: { labels: { a: 'x', b: 5, c: null, d: true } },
      spec: {
        hostPID: 'yes',
        hostIPC: true,
        nodeSelector: { zone: null },
        containers: [5, { resources: { limits: { memory: null } } }],
        volumes: { a: 1 },
      },
    };
    const before = structuredClone(template);
    const { pod, refused } = read(template);
    expect(template).toEqual(before);
    expect(refused.toSorted()).toEqual([
      't.metadata.labels.b',
      't.metadata.labels.d',
      't.spec.containers[0]',
      't.spec.hostPID',
      't.spec.volumes',
    ]);
    expect(pod.metadata?.labels).toEqual({ a: 'x', c: '' });
    expect(pod.spec).toMatchObject({
      hostIPC: true,
      nodeSelector: { zone: '' },
      containers: [{}, { resources: { limits: { memory: { string: '0' } } } }],
    });
    expect(pod.spec).not.toHaveProperty('hostPID');
  });

  it.each<[object, readonly string[]]>([
    [{ metadata: { labels: ['x'] }, spec: {} }, ['t.metadata.labels']],
    [{ metadata: 'x', spec: {} }, []],
    [{ spec: 'x' }, ['t.spec']],
    [{ spec: { overhead: { memory: null }, tolerations: [{ key: 5 }] } }, ['t.spec.tolerations[0].key']],
  ])('of odd types is read too: %j', (template, expected) => {
    expect(read(template).refused).toEqual(expected);
  });

  it('is one running pod, of no node, with the labels of its workload', () => {
    const spec = { runtimeClassName: 'kata', hostPID: true, volumes: [{ persistentVolumeClaim: {} }] };
    const template = readTemplate({ metadata: { labels: { app: 'x', 'pod-template-hash': 'y' } }, spec }, []);
    expect(groupOfTemplate(template, 'lab', 'Deployment', 'web')).toMatchObject({
      namespace: 'lab',
      ownerKind: 'Deployment',
      ownerName: 'web',
      labels: { app: 'x' },
      runtimeClassName: 'kata',
      pods: 1,
      phases: { running: 1, pending: 0 },
      waiting: 0,
      features: { hostPid: 1, claims: 1 },
      examples: [],
    });
    const none = groupOfTemplate(readTemplate({ spec: { runtimeClassName: '' } }, []), 'lab', 'Pod', 'x');
    expect([none.runtimeClassName, none.marked]).toEqual([undefined, undefined]);
  });
});
