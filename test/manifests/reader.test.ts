import { describe, expect, it } from 'vitest';
import { ManifestReader } from '../../shared/manifests/read-manifests.ts';

/** What a reader finds in texts; the last one is of a file that nobody named. */
function evidenceOf(
  text: string,
  { namespace, named = true, patch = false }: { namespace?: string; named?: boolean; patch?: boolean } = {},
) {
  const reader = new ManifestReader(namespace);
  reader.add({ name: 'f', text, named, patch });
  return reader.evidence();
}
const told = (...args: Parameters<typeof evidenceOf>) => evidenceOf(...args).remarks.map(({ weight, place }) => `${weight} ${place?.line}`);
const pod = (metadata: string, spec = '{ containers: [{ image: i }] }') =>
  `apiVersion: v1\nkind: Pod\nmetadata: ${metadata}\nspec: ${spec}\n`;

describe('a Namespace', () => {
  const namespace = (metadata: string) => `apiVersion: v1\nkind: Namespace\nmetadata: ${metadata}\n`;

  it.each<[string, Record<string, string>]>([
    ['{ name: lab }', {}],
    ['{ name: lab, labels: }', {}],
    ['{ name: lab, labels: { a: b, c: } }', { a: 'b', c: '' }],
    ['{ name: lab, labels: { kubernetes.io/metadata.name: other } }', { 'kubernetes.io/metadata.name': 'other' }],
  ])('of %s has its labels, and one of its name', (metadata, labels) => {
    const { namespaces, remarks } = evidenceOf(namespace(metadata));
    expect([namespaces, remarks]).toEqual([[{ name: 'lab', labels: { 'kubernetes.io/metadata.name': 'lab', ...labels } }], []]);
  });

  it.each(['{}', '{ name: 5 }', '{ name: lab, labels: { a: 5 } }', '{ name: lab, labels: [a] }', '[lab]'])(
    'of %s is refused',
    (metadata) => {
      expect(evidenceOf(namespace(metadata)).namespaces).toEqual([]);
      expect(told(namespace(metadata))).toEqual(['not-judged 3']);
    },
  );

  it('of another group is none', () => {
    expect(evidenceOf(namespace('{ name: lab }').replace('v1', 'a.io/v1')).namespaces).toEqual([]);
  });

  it('that is there twice counts as the last one', () => {
    const { namespaces, objects } = evidenceOf(`${namespace('{ name: lab }')}---\n${namespace('{ name: lab, labels: { a: b } }')}`);
    expect([namespaces.map(({ labels }) => labels.a), objects]).toEqual([['b'], 2]);
  });
});

describe('a RuntimeClass', () => {
  const runtimeClass = (rest: string, version = 'v1') => `apiVersion: node.k8s.io/${version}\nkind: RuntimeClass\n${rest}`;

  it.each<[string, string]>([
    ['metadata: { name: k }\nhandler: kata\n', 'v1'],
    ['metadata: { name: k }\nspec: { runtimeHandler: kata }\n', 'v1alpha1'],
  ])('is read from %j of %s', (rest, version) => {
    const { runtimeClasses, workloads } = evidenceOf(runtimeClass(rest, version));
    expect([runtimeClasses.map((one) => one.runtimeClass), workloads]).toEqual([[{ name: 'k', handler: 'kata', nodeSelector: {} }], []]);
    expect(told(runtimeClass(rest, version))).toEqual(version === 'v1' ? [] : ['told 1']);
  });

  it('knows its places', () => {
    const [one] = evidenceOf(
      runtimeClass('metadata: { name: k }\nhandler: kata\noverhead: { podFixed: { memory: 1Gi } }\n'),
    ).runtimeClasses;
    expect(one?.runtimeClass.overheadMemory).toBe('1Gi');
    expect(['runtime-class-handler', 'runtime-class-overhead', 'x'].map((rule) => one?.placeOf(rule).line)).toEqual([4, 5, 1]);
  });

  it.each([
    'handler: kata\n',
    'metadata: { name: k }\n',
    'metadata: { name: k }\nhandler: ""\n',
    'metadata: { name: "" }\nhandler: kata\n',
    'metadata: { name: k }\nhandler: 5\n',
    'metadata: { name: k }\nhandler: kata\noverhead: 5\n',
  ])('of %j is refused', (rest) => {
    expect(evidenceOf(runtimeClass(rest)).runtimeClasses).toEqual([]);
    expect(told(runtimeClass(rest))).toEqual(['not-judged 1']);
  });
});

describe('a workload', () => {
  const workloadOf = (text: string, options = {}) => {
    const [workload] = evidenceOf(text, options).workloads;
    return workload && [workload.group.namespace, workload.namesNamespace, workload.group.ownerName];
  };

  it.each<[string, string | undefined, readonly unknown[] | undefined]>([
    ['{ name: p, namespace: lab }', undefined, ['lab', true, 'p']],
    ['{ name: p }', undefined, ['default', false, 'p']],
    ['{ name: p }', 'given', ['given', false, 'p']],
    ['{ name: p, namespace: "" }', 'given', ['given', false, 'p']],
    ['{ name: p, namespace: }', 'given', ['given', false, 'p']],
    ['{ name: p, namespace: lab }', 'given', ['lab', true, 'p']],
    ['{ name: p, namespace: 5 }', undefined, undefined],
    ['{ name: p, namespace: "{{ x }}" }', undefined, undefined],
    ['{ generateName: p- }', undefined, ['default', false, 'p-*']],
    ['{ name: "", generateName: p- }', undefined, ['default', false, 'p-*']],
    ['{ name: 5 }', undefined, ['default', false, '5']],
    ['', undefined, ['default', false, '']],
  ])('of %s lands where it says, or else in the namespace that is given: %s', (metadata, namespace, expected) => {
    expect(workloadOf(pod(metadata), namespace === undefined ? {} : { namespace })).toEqual(expected);
  });

  it.each<[string, string | undefined]>([
    ['[{ kind: Job, name: j, controller: true }]', 'Job'],
    ['[{ kind: Backup, name: b }, { kind: Job, name: j, controller: true }]', 'Job'],
    ['[{ kind: Job, name: j, controller: false }]', undefined],
    ['[{ kind: Job, controller: true }]', undefined],
    ['[{ name: j, controller: true }]', undefined],
    ['{ kind: Job, name: j, controller: true }', undefined],
  ])('names its owner where that is its controller: %s', (owners, expected) => {
    const { owner } = evidenceOf(pod(`{ name: p, ownerReferences: ${owners} }`)).workloads[0] ?? {};
    expect(owner === undefined).toBe(expected === undefined);
    if (expected !== undefined) expect(owner).toContain(expected);
  });

  it.each<[string, number, readonly string[]]>([
    ['{ runtimeClassName: k, containers: [{ image: i }] }', 1, []],
    ['{ runtimeClassName: "{{ x }}", containers: [{ image: i }] }', 0, ['not-judged 4']],
    ['{ runtimeClassName: 5, containers: [{ image: i }] }', 0, ['not-judged 4']],
    ['{ hostPID: 5, containers: [{ image: i }] }', 1, ['not-judged 4']],
    ['{ containers: [{ name: c }] }', 0, ['not-judged 4']],
    ['{ x: 1, containers: [{ image: i }] }', 1, ['told 4']],
    ['{ template: { hostPID: true }, containers: [{ image: i }] }', 1, ['not-judged 4']],
    ['{ runtime-class-name: k, containers: [{ image: i }] }', 1, ['not-judged 4']],
  ])('of the spec %s is judged, or the reason is reported', (spec, workloads, remarks) => {
    const text = pod('{ name: p }', spec);
    expect([evidenceOf(text).workloads.length, told(text)]).toEqual([workloads, remarks]);
  });
});

describe('a file', () => {
  it('that is a patch is counted, and not read', () => {
    expect(evidenceOf(pod('{ name: p }'), { patch: true })).toMatchObject({ files: 1, objects: 0, workloads: [], remarks: [] });
  });

  it('counts its objects, whatever they are', () => {
    expect(evidenceOf(`${pod('{ name: p }')}---\napiVersion: v1\nkind: ConfigMap\n---\nx: 1\n`)).toMatchObject({ files: 1, objects: 2 });
  });

  it.each<[string, boolean, string]>([
    ['a: "x\n', true, 'not-judged'],
    ['a: "x\n', false, 'told'],
    ['kind: "x\n', false, 'not-judged'],
    ['- apiVersion: "x\n', false, 'not-judged'],
    ['x\n  "kind" : {{ }}\n', false, 'not-judged'],
    ['{ x, "kind": "y\n', false, 'not-judged'],
    ['xkind: "x\n', false, 'told'],
    ['kindness: "x\n', false, 'told'],
  ])('that cannot be read is reported by how it looks and by whether the user named it: %j, %s', (text, named, weight) => {
    expect(evidenceOf(text, { named }).remarks.map((one) => one.weight)).toEqual([weight]);
  });

  it.each(['a: {{ x }}\n', 'a: "x\nb: {% y %}\n', 'a: "x <% z %>\n'])('that is a template gets advice: %j', (text) => {
    expect(evidenceOf(text).remarks[0]?.message).toContain('template that was not rendered');
    expect(evidenceOf('a: "x\n').remarks[0]?.message).not.toContain('template');
  });

  it.each<[string, readonly string[]]>([
    ['#@ x\n', ['not-judged 1']],
    ['x: #@ y\n', ['not-judged 1']],
    ['x: y#@z\n', []],
  ])('of ytt is reported: %j', (line, expected) => {
    expect(told(`${line}${pod('{ name: p }')}`).filter((one) => one.startsWith('not-judged'))).toEqual(expected);
  });

  it('tells each problem at its own line, in all its documents', () => {
    const text = `${pod('{ name: p }')}--- x\n${pod('{ name: A }')}---\na: *x\n---\n// c\n{"kind": 1}\n`;
    expect(told(text).toSorted()).toEqual(['not-judged 11', 'not-judged 13', 'not-judged 5', 'not-judged 5']);
    const twice = `a: 1\n---\n${pod('{ name: p }')}kind: Pod\n`;
    expect(told(twice)).toEqual(['told 7']);
  });
});
