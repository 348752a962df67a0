import { describe, expect, it } from 'vitest';
import { aPod, checkTexts, foundIn, toldOf } from '../support/check-texts.ts';

const OUTSIDE = '{ metadata: { labels: { lane: guest } }, spec: { containers: [{ name: c, image: i }] } }';

/** An object of a kind whose `spec` is given. */
const object = (apiVersion: string, kind: string, spec: string) =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: x, namespace: lab }\nspec: ${spec}\n`;

describe('the kinds that create pods', () => {
  it.each([
    ['apps/v1', 'Deployment', `{ template: ${OUTSIDE} }`],
    ['apps/v1', 'StatefulSet', `{ template: ${OUTSIDE} }`],
    ['apps/v1', 'DaemonSet', `{ template: ${OUTSIDE} }`],
    ['apps/v1', 'ReplicaSet', `{ template: ${OUTSIDE} }`],
    ['v1', 'ReplicationController', `{ template: ${OUTSIDE} }`],
    ['batch/v1', 'Job', `{ template: ${OUTSIDE} }`],
    ['batch/v1', 'CronJob', `{ jobTemplate: { spec: { template: ${OUTSIDE} } } }`],
    ['argoproj.io/v1alpha1', 'Rollout', `{ template: ${OUTSIDE} }`],
    ['apps.kruise.io/v1alpha1', 'CloneSet', `{ template: ${OUTSIDE} }`],
    ['apps.kruise.io/v1alpha1', 'AdvancedCronJob', `{ template: { broadcastJobTemplate: { spec: { template: ${OUTSIDE} } } } }`],
    ['serving.knative.dev/v1', 'Service', `{ template: ${OUTSIDE} }`],
    ['batch.volcano.sh/v1alpha1', 'Job', `{ tasks: [{ template: ${OUTSIDE} }] }`],
    ['batch.volcano.sh/v1alpha1', 'CronJob', `{ jobTemplate: { spec: { tasks: [{ template: ${OUTSIDE} }] } } }`],
    ['sparkoperator.k8s.io/v1beta2', 'SparkApplication', `{ driver: { template: ${OUTSIDE} } }`],
    ['jobset.x-k8s.io/v1alpha2', 'JobSet', `{ replicatedJobs: [{ template: { spec: { template: ${OUTSIDE} } } }] }`],
    ['leaderworkerset.x-k8s.io/v1', 'LeaderWorkerSet', `{ leaderWorkerTemplate: { workerTemplate: ${OUTSIDE} } }`],
    ['ray.io/v1', 'RayCluster', `{ workerGroupSpecs: [{ template: ${OUTSIDE} }] }`],
    ['kubeflow.org/v1', 'PyTorchJob', `{ pytorchReplicaSpecs: { Worker: { template: ${OUTSIDE} } } }`],
    ['agents.x-k8s.io/v1alpha1', 'Sandbox', `{ podTemplate: ${OUTSIDE} }`],
    ['apps.openshift.io/v1', 'DeploymentConfig', `{ template: ${OUTSIDE} }`],
  ])('judges the template of %s %s', (apiVersion, kind, spec) => {
    const checked = checkTexts({ a: object(apiVersion, kind, spec) });
    expect(foundIn(checked)).toEqual(['workload-sandboxed a:4']);
    expect(checked.findings[0]?.finding.subject).toEqual({ kind: 'workload', namespace: 'lab', ownerKind: kind, ownerName: 'x' });
    expect(checked.remarks).toEqual([]);
  });

  it.each([
    [
      'an unknown kind with a pod template',
      object('example.com/v1', 'Farm', `{ cows: [{ podTemplate: ${OUTSIDE} }] }`),
      'not-judged a:4 Farm (example.com/v1) has a pod template in spec.cows[0].podTemplate,',
    ],
    [
      'a kind in lower case',
      object('apps/v1', 'deployment', `{ template: ${OUTSIDE} }`),
      'not-judged a:2 kubectl finds no kind "deployment": it is written Deployment',
    ],
    [
      'a kind in the wrong group',
      object('v1', 'Deployment', `{ template: ${OUTSIDE} }`),
      'not-judged a:2 kubectl finds no kind Deployment in v1.',
    ],
    [
      'a pod template without containers',
      object('tekton.dev/v1', 'TaskRun', '{ podTemplate: { hostNetwork: true } }'),
      'TaskRun (tekton.dev/v1) has a pod template in spec.podTemplate',
    ],
    [
      'a list by itself',
      `- ${object('v1', 'Pod', '{}').replaceAll('\n', '\n  ')}`,
      'not-judged a:1 kubectl refuses a list of objects by itself',
    ],
    ['a List without items', 'apiVersion: v1\nkind: List\nitems:\n', 'not-judged a:1 kubectl refuses this List: its items are not a list'],
    [
      'an empty item',
      'apiVersion: v1\nkind: List\nitems:\n- null\n',
      'not-judged a:4 kubectl refuses this List: the item is not an object',
    ],
    [
      'a List without a version',
      `kind: List\nitems:\n- ${object('v1', 'Pod', '{}').replaceAll('\n', '\n  ')}`,
      'not-judged a:1 kubectl refuses it: apiVersion is missing',
    ],
    [
      'metadata that are a list',
      object('apps/v1', 'Deployment', `{ template: ${OUTSIDE} }`).replace(/metadata: \{ name.*/, 'metadata: [x]'),
      'not-judged a:3 kubectl refuses this Deployment: its metadata is not a map',
    ],
    ['no API version', `kind: Pod\nmetadata: { name: x }\nspec: {}\n`, 'not-judged a:1 kubectl refuses it: apiVersion is missing'],
    ['a kind that is a number', `apiVersion: v1\nkind: 5\nmetadata: { name: x }\n`, 'not-judged a:1 kubectl refuses it: kind must be text'],
    [
      'a Deployment without a template',
      object('apps/v1', 'Deployment', '{ replicas: 1 }'),
      'not-judged a:1 kubectl refuses this Deployment: it has no pod template',
    ],
    [
      'a part of a Deployment',
      object('apps/v1', 'Deployment', '{ template: { spec: { hostNetwork: true } } }'),
      'spec.template.spec.containers is missing',
    ],
    [
      'a container without an image',
      object('apps/v1', 'Deployment', '{ template: { spec: { containers: [{ name: c }] } } }'),
      'spec.template.spec.containers[0] has no image',
    ],
  ])('reports %s, and judges nothing in it', (_, text, told) => {
    const checked = checkTexts({ a: text });
    expect(foundIn(checked)).toEqual([]);
    expect(toldOf(checked)).toEqual([expect.stringContaining(told)]);
  });

  it.each([
    ['a custom object without pods', object('example.com/v1', 'Farm', '{ cows: 3 }')],
    [
      'an admission policy with a pattern of pods',
      object('kyverno.io/v1', 'ClusterPolicy', `{ rules: [{ validate: { pattern: ${OUTSIDE} } }] }`),
    ],
    ['the values of a chart', object('argoproj.io/v1alpha1', 'Application', `{ source: { helm: { valuesObject: { web: ${OUTSIDE} } } } }`)],
    ['values', 'image: x\nspec: { containers: [{ image: i }] }\n'],
    ['a list of other things', '- hosts: all\n  kind: Pod\n'],
    ['a patch with a patch directive', object('apps/v1', 'Deployment', '{ $patch: replace, template: { spec: { hostNetwork: true } } }')],
  ])('ignores %s', (_, text) => {
    const { findings, remarks } = checkTexts({ a: `${text}---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }\n` });
    expect([findings, remarks]).toEqual([[], []]);
  });

  it.each([
    ['no name', '{ namespace: lab }', 'told a:3 kubectl refuses this Pod: it has no name.'],
    [
      'a placeholder for a name',
      '{ name: "{{ .name }}" }',
      'told a:3 kubectl refuses the name "{{ .name }}". It looks like a placeholder that was not filled in.',
    ],
    ['a name in upper case', '{ name: Web }', 'told a:3 kubectl refuses the name "Web".'],
    ['a number for a name', '{ name: 5 }', 'told a:3 kubectl refuses the name 5: it must be text.'],
  ])('judges an object with %s, and reports it', (_, metadata, told) => {
    const text = `apiVersion: v1\nkind: Pod\nmetadata: ${metadata}\nspec: { runtimeClassName: kata-vm-isolation, hostIPC: on, containers: [{ image: i, resources: { limits: { memory: 1Gi } } }] }\n`;
    const checked = checkTexts({ a: text });
    expect(foundIn(checked)).toEqual(['sandboxed-pod-host-namespaces a:4']);
    expect(toldOf(checked)).toEqual([told]);
  });

  it('reports a ytt template, whose values are comments to kubectl', () => {
    const checked = checkTexts({ a: `#@ load("@ytt:data", "data")\n${aPod('  hostNetwork: #@ data.values.net\n')}` });
    expect(foundIn(checked)).toEqual([]);
    expect(toldOf(checked)).toEqual([expect.stringContaining('not-judged a:1 It looks like a ytt template')]);
  });

  const pod = aPod('  hostPID: true\n');
  const items = `items:\n  - ${pod.trimEnd().replaceAll('\n', '\n    ')}\n`;

  it.each([
    [
      'a list inside of a List',
      `apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: PodList\n  ${items}`,
      'told a:4 kubectl refuses a list within',
    ],
    ['a list in lower case', `apiVersion: v1\nkind: list\n${items}`, 'told a:1 kubectl finds no kind "list"'],
    ['a version that never existed', pod.replace('v1', 'v2'), 'told a:1 kubectl finds no kind Pod in "v2"'],
    ['an unknown field at the top', `${pod}x-base: { runtimeClassName: kata }\n`, 'told a:8 kubectl refuses x-base'],
    ['an unknown field in the spec', `${pod}  runtimeClass: kata\n`, 'told a:8 kubectl refuses spec.runtimeClass'],
  ])('judges %s, and reports it', (_, text, told) => {
    const checked = checkTexts({ a: text });
    expect(foundIn(checked)).toEqual([expect.stringContaining('sandboxed-pod-host-namespaces')]);
    expect(toldOf(checked)).toEqual([expect.stringContaining(told)]);
  });

  it('judges a version that is no longer served, and reports it', () => {
    const checked = checkTexts({ a: object('extensions/v1beta1', 'Deployment', `{ template: ${OUTSIDE} }`) });
    expect(foundIn(checked)).toEqual(['workload-sandboxed a:4']);
    expect(toldOf(checked)).toEqual([expect.stringContaining('told a:1 Kubernetes no longer serves Deployment in extensions/v1beta1')]);
  });
});

describe('a field that is judged', () => {
  const template = (more: string) =>
    `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: x, namespace: lab }\nspec:\n  template:\n    metadata: { labels: { a: b } }\n    spec:\n      containers:\n        - name: c\n          image: i\n${more}`;

  it.each([
    ['the class in the spec of the Deployment', '  runtimeClassName: kata-vm-isolation\n', 'kubectl refuses runtimeClassName in spec,'],
    ['the class next to the spec', 'runtimeClassName: kata-vm-isolation\n', 'kubectl refuses runtimeClassName in the top level'],
    [
      'the class next to the spec of the template',
      '    runtimeClassName: kata-vm-isolation\n',
      'kubectl refuses runtimeClassName in spec.template,',
    ],
    ['the class in a container', '          runtimeClassName: kata-vm-isolation\n', 'in spec.template.spec.containers[0]'],
    ['the class in another case', '      runtimeclassName: kata-vm-isolation\n', 'kubectl refuses runtimeclassName in spec.template.spec'],
    ['the class with dashes', '      runtime-class-name: kata-vm-isolation\n', 'runtimeClassName belongs in spec.template.spec'],
    [
      'privileged outside of a security context',
      '          privileged: true\n',
      'privileged belongs in spec.template.spec.containers[].securityContext',
    ],
    [
      "privileged in the pod's security context",
      '      securityContext: { privileged: true }\n',
      'kubectl refuses privileged in spec.template.spec.securityContext',
    ],
    ['a class that is a placeholder', '      runtimeClassName: $' + '{CLASS}\n', 'It looks like a placeholder that was not filled in'],
    ['a class that is a number', '      runtimeClassName: 5\n', 'it takes text, not 5'],
    ['a class in upper case', '      runtimeClassName: Kata\n', 'it is not a valid name'],
    ['containers that are a map', '      initContainers: { name: c }\n', 'it takes a list'],
  ])('is reported when it is %s', (_, line, told) => {
    const checked = checkTexts({ a: template(line) });
    const at = template(line).split('\n').length - 1;
    expect(foundIn(checked)).toEqual([]);
    expect(toldOf(checked)).toEqual([expect.stringMatching(new RegExp(`^not-judged a:${at} `))]);
    expect(toldOf(checked)[0]).toContain(told);
  });

  it('is ignored in annotations, labels and environments', () => {
    const free = template('          env: [{ name: runtimeClassName, value: x }]\n').replace(
      'labels: { a: b }',
      'labels: { privileged: "true" }, annotations: { hostNetwork: "true" }',
    );
    expect(checkTexts({ a: free }).remarks).toEqual([]);
  });

  it.each(['64mi', '1Gib', '1e3M', '"-1"', '-1', '"64 Mi"', '"1.2.3Gi"'])('is reported when it is a limit of %s', (limit) => {
    const checked = checkTexts({ a: aPod().replace('64Mi', limit) });
    expect(foundIn(checked)).toEqual([]);
    expect(toldOf(checked)).toEqual([expect.stringMatching(/^not-judged a:6 kubectl refuses the memory limit/)]);
  });

  it.each(['0', '"0Mi"', '0.0'])('is no limit when it is %s', (limit) => {
    expect(foundIn(checkTexts({ a: aPod().replace('64Mi', limit) }))).toEqual(['sandboxed-pod-memory-limit a:6']);
  });

  it.each(['64Mi', '1.5e3', '.5Gi', '1.', '67108864', '1E', '2e6', '+1Gi', '100m'])('is a limit when it is %s', (limit) => {
    expect(checkTexts({ a: aPod().replace('64Mi', limit) })).toMatchObject({ findings: [], remarks: [] });
  });

  it.each([
    ['yes', 'it takes text in quotes, not true'],
    ['5', 'it takes text in quotes, not 5'],
    ['"$' + '{LANE}"', 'kubectl refuses the value'],
  ])('affects only itself when a label is %s', (value, told) => {
    const checked = checkTexts({
      a: template('      hostPID: true\n      runtimeClassName: kata-vm-isolation\n').replace('a: b', `lane: ${value}`),
    });
    expect(foundIn(checked)).toEqual(['sandboxed-pod-host-namespaces a:11', 'sandboxed-pod-memory-limit a:9']);
    expect(toldOf(checked)).toEqual([expect.stringContaining(told)]);
  });
});

describe('the location of a finding', () => {
  it('is the line of its subject, inside its own object', () => {
    const text = `apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Pod
    metadata: { name: one }
    spec: &spec
      runtimeClassName: kata-vm-isolation
      initContainers: [{ name: b, image: i, resources: { limits: { memory: 1Gi } } }]
      containers:
        - name: a
          image: i
          resources: { limits: { memory: 1Gi } }
        - name: c
          image: i
          securityContext:
            privileged: true
      volumes:
        - name: v
          hostPath: { path: / }
  - apiVersion: v1
    kind: Pod
    metadata: { name: two }
    spec: *spec
`;
    expect(foundIn(checkTexts({ a: text }))).toEqual([
      'sandboxed-pod-host-path a:20',
      'sandboxed-pod-privileged a:17',
      'sandboxed-pod-memory-limit a:14',
      'sandboxed-pod-host-path a:24',
      'sandboxed-pod-privileged a:24',
      'sandboxed-pod-memory-limit a:24',
    ]);
  });

  it.each(['yaml', 'json'])('is the same in a large list that is read item by item, in %s', (form) => {
    const pod = (name: string, hostPID: boolean) => ({
      metadata: { name, annotations: { note: 'x'.repeat(400_000) } },
      spec: {
        hostPID,
        runtimeClassName: 'kata-vm-isolation',
        containers: [{ name: 'c', image: 'i', resources: { limits: { memory: '1Gi' } } }],
      },
    });
    const pods = [pod('a', true), pod('b', false), pod('c', true), pod('d', false)];
    const list = { kind: 'PodList', items: pods, apiVersion: 'v1', metadata: { resourceVersion: '' } };
    const yaml = `kind: PodList\nitems:\n${pods.map((one) => `- metadata: ${JSON.stringify(one.metadata)}\n  spec:\n    hostPID: ${one.spec.hostPID}\n    runtimeClassName: kata-vm-isolation\n    containers: ${JSON.stringify(one.spec.containers)}\n`).join('')}apiVersion: v1\n`;
    const text = form === 'json' ? JSON.stringify(list, null, 2) : yaml;
    const lines = text
      .split('\n')
      .flatMap((line, at) => (/hostPID"?: true/.test(line) ? [`sandboxed-pod-host-namespaces a:${at + 1}`] : []));
    const checked = checkTexts({ a: text });
    expect([checked.objects, foundIn(checked), checked.remarks]).toEqual([4, lines, []]);
  });

  it('is in the file of each of two objects with one name', () => {
    const text = object('apps/v1', 'Deployment', `{ template: ${OUTSIDE} }`);
    expect(foundIn(checkTexts({ 'dev/a': text, 'prod/a': `\n${text}` }))).toEqual([
      'workload-sandboxed dev/a:4',
      'workload-sandboxed prod/a:5',
    ]);
  });
});
