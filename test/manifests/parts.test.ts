import { describe, expect, it } from 'vitest';
import { cutDocuments } from '../../shared/manifests/documents.ts';
import { patchesOf } from '../../shared/manifests/kustomization.ts';
import { itemsOfLargeList } from '../../shared/manifests/large-list.ts';
import { isPlaceholder } from '../../shared/manifests/pod-template.ts';
import { placeInClass, placeInTemplate } from '../../shared/manifests/rule-places.ts';
import { scalarValue } from '../../shared/manifests/scalars.ts';
import { decodeText, lineStarts, positionOf } from '../../shared/manifests/text.ts';
import { isObjectName } from '../../shared/manifests/unusual.ts';
import { checkTexts, foundIn, toldOf } from '../support/check-texts.ts';

const OUTSIDE = '{ metadata: { labels: { lane: guest } }, spec: { containers: [{ name: c, image: i }] } }';

describe('kinds that create pods in several places', () => {
  it.each([
    ['v1', 'PodTemplate', `template: ${OUTSIDE}`, 1],
    ['extensions/v1beta1', 'DaemonSet', `spec: { template: ${OUTSIDE} }`, 1],
    ['extensions/v1beta1', 'ReplicaSet', `spec: { template: ${OUTSIDE} }`, 1],
    ['apps.kruise.io/v1beta1', 'StatefulSet', `spec: { template: ${OUTSIDE} }`, 1],
    ['apps.kruise.io/v1alpha1', 'DaemonSet', `spec: { template: ${OUTSIDE} }`, 1],
    ['apps.kruise.io/v1alpha1', 'BroadcastJob', `spec: { template: ${OUTSIDE} }`, 1],
    ['apps.kruise.io/v1alpha1', 'AdvancedCronJob', `spec: { template: { jobTemplate: { spec: { template: ${OUTSIDE} } } } }`, 1],
    ['apps.kruise.io/v1alpha1', 'UnitedDeployment', `spec: { template: { statefulSetTemplate: { spec: { template: ${OUTSIDE} } } } }`, 1],
    ['serving.knative.dev/v1', 'Configuration', `spec: { template: ${OUTSIDE} }`, 1],
    ['flow.volcano.sh/v1alpha1', 'JobTemplate', `spec: { tasks: [{ template: ${OUTSIDE} }, { template: ${OUTSIDE} }] }`, 2],
    [
      'sparkoperator.k8s.io/v1beta2',
      'SparkApplication',
      `spec: { driver: { template: ${OUTSIDE} }, executor: { template: ${OUTSIDE} } }`,
      2,
    ],
    [
      'sparkoperator.k8s.io/v1beta2',
      'ScheduledSparkApplication',
      `spec: { template: { driver: { template: ${OUTSIDE} }, executor: { template: ${OUTSIDE} } } }`,
      2,
    ],
    [
      'leaderworkerset.x-k8s.io/v1',
      'LeaderWorkerSet',
      `spec: { leaderWorkerTemplate: { leaderTemplate: ${OUTSIDE}, workerTemplate: ${OUTSIDE} } }`,
      2,
    ],
    ['extensions.agents.x-k8s.io/v1alpha1', 'SandboxTemplate', `spec: { podTemplate: ${OUTSIDE} }`, 1],
    ['keda.sh/v1alpha1', 'ScaledJob', `spec: { jobTargetRef: { template: ${OUTSIDE} } }`, 1],
    ['kubeflow.org/v1', 'TFJob', `spec: { tfReplicaSpecs: { Worker: { template: ${OUTSIDE} }, Chief: { template: ${OUTSIDE} } } }`, 2],
    ['kubeflow.org/v1', 'MPIJob', `spec: { mpiReplicaSpecs: { Worker: { template: ${OUTSIDE} } } }`, 1],
    ['kubeflow.org/v1', 'XGBoostJob', `spec: { xgbReplicaSpecs: { Worker: { template: ${OUTSIDE} } } }`, 1],
    ['kubeflow.org/v1', 'PaddleJob', `spec: { paddleReplicaSpecs: { Worker: { template: ${OUTSIDE} } } }`, 1],
    ['kubeflow.org/v1', 'JAXJob', `spec: { jaxReplicaSpecs: { Worker: { template: ${OUTSIDE} } } }`, 1],
    ['kubeflow.org/v1', 'Notebook', `spec: { template: ${OUTSIDE} }`, 1],
    ['ray.io/v1', 'RayCluster', `spec: { headGroupSpec: { template: ${OUTSIDE} }, workerGroupSpecs: [{ template: ${OUTSIDE} }] }`, 2],
    [
      'ray.io/v1',
      'RayJob',
      `spec: { rayClusterSpec: { headGroupSpec: { template: ${OUTSIDE} }, workerGroupSpecs: [{ template: ${OUTSIDE} }] } }`,
      2,
    ],
    [
      'ray.io/v1',
      'RayService',
      `spec: { rayClusterConfig: { headGroupSpec: { template: ${OUTSIDE} }, workerGroupSpecs: [{ template: ${OUTSIDE} }] } }`,
      2,
    ],
    ['actions.github.com/v1alpha1', 'AutoscalingRunnerSet', `spec: { template: ${OUTSIDE} }`, 1],
    ['actions.github.com/v1alpha1', 'EphemeralRunnerSet', `spec: { ephemeralRunnerSpec: ${OUTSIDE} }`, 1],
    ['agones.dev/v1', 'GameServer', `spec: { template: ${OUTSIDE} }`, 1],
    ['agones.dev/v1', 'GameServerSet', `spec: { template: { spec: { template: ${OUTSIDE} } } }`, 1],
    ['agones.dev/v1', 'Fleet', `spec: { template: { spec: { template: ${OUTSIDE} } } }`, 1],
  ])('are judged at each of them: %s %s', (apiVersion, kind, body, count) => {
    const checked = checkTexts({ a: `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: x, namespace: lab }\n${body}\n` });
    expect(foundIn(checked)).toEqual(Array.from({ length: count }, () => 'workload-sandboxed a:4'));
    expect(toldOf(checked).filter((one) => one.startsWith('not-judged'))).toEqual([]);
  });
});

describe('a scalar', () => {
  it.each<[string, string | number]>([
    ['0', 0],
    ['-0x1F', -31],
    ['0b101', 5],
    ['0o17', 15],
    ['0777', 511],
    ['-0777', -511],
    ['0888', 888],
    ['1_000', 1000],
    ['.5', 0.5],
    ['5.', 5],
    ['1e3', 1000],
    ['+1.5E-1', 0.15],
    ['1.2.3', '1.2.3'],
    ['-', '-'],
    ['.', '.'],
    ['0x', '0x'],
    ['0xg', '0xg'],
    ['1e', '1e'],
    ['.inf', '.inf'],
    ['2026-11-23', '2026-11-23'],
    ['12:30', '12:30'],
  ])('without quotes is read as YAML 1.1 does: %s', (text, value) => {
    expect(scalarValue(text, true, undefined)).toBe(value);
    expect(scalarValue(text, false, undefined)).toBe(text);
  });

  it.each([
    ['!!int', 7],
    ['tag:yaml.org,2002:float', 7],
    ['!!str', '7'],
    ['!own', '7'],
    ['x!!int', '7'],
  ])('with the tag %s is what that says', (tag, value) => {
    expect(scalarValue('7', false, tag)).toBe(value);
    expect(scalarValue('7', true, tag)).toBe(value);
  });
});

describe('a text', () => {
  it.each<[string, readonly number[], string]>([
    ['UTF-8', [0x61, 0xc3, 0xa4], 'aä'],
    ['UTF-8 with a mark', [0xef, 0xbb, 0xbf, 0x61], 'a'],
    ['UTF-16 from its low bytes', [0xff, 0xfe, 0x61, 0x00], 'a'],
    ['UTF-16 from its high bytes', [0xfe, 0xff, 0x00, 0x61], 'a'],
    ['no UTF-8', [0x61, 0xff], 'a\uFFFD'],
    ['half of a mark', [0xff, 0x61], '\uFFFDa'],
    ['the other half of a mark', [0x61, 0xfe], 'a\uFFFD'],
    ['half of the other mark', [0xfe, 0x61], '\uFFFDa'],
  ])('in %s is decoded', (_, bytes, text) => {
    expect(decodeText(Uint8Array.from(bytes))).toEqual({ text });
  });

  it('that is binary is none', () => {
    expect(decodeText(Uint8Array.from([0x61, 0x00]))).toEqual({ unreadable: expect.stringContaining('binary') });
  });

  it('has a line and a column at each of its offsets', () => {
    const text = 'ab\n\nc\n';
    const starts = lineStarts(text);
    const positions = Array.from({ length: text.length + 1 }, (_, at) => positionOf(starts, at)).map(
      ({ line, column }) => `${line}:${column}`,
    );
    expect(positions).toEqual(['1:1', '1:2', '1:3', '2:1', '3:1', '3:2', '4:1']);
  });

  it.each([
    ['{"a":"}]\\\\\\""} {"b":[]}', ['{"a":"}]\\\\\\""}', '{"b":[]}']],
    ['\uFEFF \n{"a":1}\n---\nb: 1\n', ['{"a":1}', '\n', 'b: 1\n']],
    ['{"a":1', ['{"a":1']],
    ['{a: 1}', ['{a: 1}']],
    ['[{"a":1}]', ['[{"a":1}]']],
    ['a: 1\n--- x\nb: 1', ['a: 1\n', ' x\nb: 1']],
  ])('is cut into documents as kubectl does: %j', (text, documents) => {
    const cut = cutDocuments(text).documents;
    expect(cut.map((one) => one.text)).toEqual(documents.filter((one) => one.trim() !== ''));
    for (const { text: own, offset } of cut) expect(text.slice(offset, offset + own.length)).toBe(own);
  });
});

describe('a large list', () => {
  const cut = (text: string, isJson: boolean) => itemsOfLargeList({ text, offset: 10, isJson }, 1);
  const HEAD = 'apiVersion: v1\nkind: PodList\nitems:\n';

  it.each<[string, string, boolean, readonly string[] | undefined]>([
    ['JSON', '{"kind":"PodList","apiVersion":"v1","items":[{"a":1} , {"b":"}"}]}', true, ['{"a":1}', '{"b":"}"}']],
    ['JSON with items further in', '{"kind":"PodList","apiVersion":"v1","x":{"items":[{"c":1}]},"items": [{"a":1}]}', true, ['{"a":1}']],
    ['JSON without items', '{"kind":"Pod","apiVersion":"v1","x":[{"items":1}]}', true, undefined],
    ['JSON without a kind', '{"apiVersion":"v1","items":[{"a":1}]}', true, undefined],
    ['YAML', `${HEAD}- a: 1\n# c\n  b: 2\n- c: 3\n`, false, ['  a: 1\n# c\n  b: 2\n', '  c: 3\n']],
    ['YAML with more behind it', `${HEAD}  - a: 1\n  - b: 2\nmetadata: {}\n`, false, ['    a: 1\n', '    b: 2\n']],
    ['YAML with a comment behind its key', `apiVersion: v1\nkind: PodList\nitems: # c\n- a: 1\n`, false, ['  a: 1\n']],
    ['YAML with an anchor alone', `${HEAD}- &a\n  x: 1\n`, false, ['  &a\n  x: 1\n']],
    ['YAML with an alias', `${HEAD}- &a\n  x: 1\n- *a\n`, false, undefined],
    ['YAML of no list', 'apiVersion: v1\nkind: Pod\nx-items:\n- a\n', false, undefined],
    ['YAML without a version', 'kind: PodList\nitems:\n- a: 1\n', false, undefined],
  ])('is cut into its items: %s', (_, text, isJson, items) => {
    const pieces = cut(text, isJson);
    expect(pieces?.map((one) => one.text)).toEqual(items);
    for (const { text: own, offset, list } of pieces ?? []) {
      expect(
        text
          .slice(offset - 10, offset - 10 + own.length)
          .trimStart()
          .replace(/^- /, ''),
      ).toBe(own.trimStart());
      expect(list).toEqual({ apiVersion: 'v1', kind: 'Pod' });
    }
  });

  it('is read whole while it is small', () => {
    const text = `${HEAD}- a: 1\n`;
    expect(itemsOfLargeList({ text, offset: 0, isJson: false }, text.length + 1)).toBeUndefined();
    expect(itemsOfLargeList({ text, offset: 0, isJson: false }, text.length)).toHaveLength(1);
    expect(itemsOfLargeList({ text, offset: 0, isJson: false })).toBeUndefined();
  });
});

describe('where to fix a finding', () => {
  const container = (over: object = {}) => ({ resources: { limits: { memory: '1Gi' } }, ...over });
  const bare = { name: 'x' };

  it.each<[string, object, readonly (string | number)[]]>([
    ['sandboxed-pod-host-path', { volumes: [{ emptyDir: {} }, { hostPath: {} }] }, ['spec', 'volumes', 1, 'hostPath']],
    ['sandboxed-pod-host-path', { volumes: [] }, ['spec', 'volumes']],
    ['sandboxed-pod-host-namespaces', { hostNetwork: false, hostPID: true }, ['spec', 'hostPID']],
    ['sandboxed-pod-host-namespaces', { hostIPC: true }, ['spec', 'hostIPC']],
    ['sandboxed-pod-host-namespaces', {}, ['spec', 'hostNetwork']],
    [
      'sandboxed-pod-privileged',
      { containers: [bare, { securityContext: { privileged: true } }] },
      ['spec', 'containers', 1, 'securityContext', 'privileged'],
    ],
    [
      'sandboxed-pod-privileged',
      { initContainers: [{ securityContext: { privileged: true } }] },
      ['spec', 'initContainers', 0, 'securityContext', 'privileged'],
    ],
    [
      'sandboxed-pod-privileged',
      { ephemeralContainers: [{ securityContext: { privileged: true } }] },
      ['spec', 'ephemeralContainers', 0, 'securityContext', 'privileged'],
    ],
    ['sandboxed-pod-privileged', {}, ['spec']],
    ['sandboxed-pod-memory-limit', { containers: [container(), bare] }, ['spec', 'containers', 1]],
    ['sandboxed-pod-memory-limit', { containers: [{ resources: { limits: { memory: null } } }] }, ['spec', 'containers', 0]],
    ['sandboxed-pod-memory-limit', { containers: [{ resources: { limits: { memory: '0Mi' } } }] }, ['spec', 'containers', 0]],
    [
      'sandboxed-pod-memory-limit',
      { containers: [container()], initContainers: [bare, { ...bare, restartPolicy: 'Always' }] },
      ['spec', 'initContainers', 1],
    ],
    [
      'sandboxed-pod-memory-limit',
      { containers: [container()], initContainers: [container({ restartPolicy: 'Always' }), bare] },
      ['spec', 'initContainers'],
    ],
    ['workload-sandboxed', { runtimeClassName: 'x' }, ['spec', 'runtimeClassName']],
    ['workload-sandboxed', {}, ['spec']],
  ])('by %s in %j', (rule, spec, path) => {
    expect(placeInTemplate(rule, { spec })).toEqual(path);
  });

  it('in a class is its handler or its overhead', () => {
    expect(['runtime-class-handler', 'runtime-class-overhead', 'other'].map(placeInClass)).toEqual([['handler'], ['overhead'], []]);
  });
});

it.each<[string, boolean]>([
  ['a'.repeat(253), true],
  ['a'.repeat(254), false],
  ['a.b-c.0', true],
  ['-a', false],
  ['a-', false],
  ['a..b', false],
  ['a.-b', false],
  ['A', false],
  ['a_b', false],
  ['', false],
  ['a\n', false],
])('the name of an object: %s', (name, isName) => {
  expect(isObjectName(name)).toBe(isName);
});

it.each<[unknown, boolean]>([
  ['x$' + '{Y}', true],
  ['$(Y)', true],
  ['{{ y }}', true],
  ['{% y %}', true],
  ['<name>', true],
  ['a<name>', false],
  ['<name>a', false],
  ['__NAME__', true],
  ['a__NAME__', false],
  ['__NAME__a', false],
  ['@name@', true],
  ['name@', false],
  ['@name', false],
  ['%name%', true],
  ['100%', false],
  ['$NAME', true],
  ['a$NAME', false],
  ['$1', false],
  [5, false],
])('a placeholder is what a template engine should have replaced: %s', (value, is) => {
  expect(isPlaceholder(value)).toBe(is);
});

it('a kustomization names its patches and what is no object, and texts of patches name no file', () => {
  const text = `patches: [{ path: a.yaml }, { patch: "x" }]
patchesJson6902: [{ path: b.yaml }]
patchesStrategicMerge: [c.yaml, "kind: Pod\\nspec: {}"]
transformers: [d.yaml]
generators: [e.yaml]
configurations: [f.yaml]
crds: [g.yaml]
resources: [h.yaml]
`;
  expect(patchesOf(text)).toEqual(['a.yaml', 'b.yaml', 'c.yaml', 'd.yaml', 'e.yaml', 'f.yaml', 'g.yaml']);
  for (const odd of ['', '- a', 'patches: x', 'patches: [x]', '{']) expect(patchesOf(odd)).toEqual([]);
});
