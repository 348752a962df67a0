import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import { parsePolicy } from '../../shared/config/policy-file.ts';
import { withAksClasses } from '../../shared/domain/isolation/aks-classes.ts';
import { guardrail } from '../../shared/exports/guardrail.ts';
import type { GuardrailFormat } from '../../shared/exports/guardrail-formats.ts';
import { RULES } from '../../shared/rules/index.ts';
import { checkTexts } from '../support/check-texts.ts';
import { type ControlPlane, startControlPlane, until } from './support/control-plane.ts';
import { aClass } from './support/objects.ts';
import { isThere, TITLE } from './support/programs.ts';

const POLICY = `version: 1
workloads:
  - { name: guest lanes, podLabels: { lane: guest } }
  - { name: boxed namespaces, namespaceLabels: { box: "yes" } }
  - { name: tenants, namespaces: ['tenant-?*', exact], acceptedHandlers: [kata, kata-qemu] }
`;
const CLASSES = [
  { name: 'kata-vm-isolation', handler: 'kata' },
  { name: 'kata-mshv-vm-isolation', handler: 'kata' },
  { name: 'kata-cc-isolation', handler: 'kata-cc' },
  { name: 'vault', handler: 'kata' },
  { name: 'quick', handler: 'runc' },
];
const NAMESPACES = { lab: {}, boxed: { box: 'yes' }, 'tenant-a': {}, exact: {}, tenants: {}, 'aks-istio-system': { box: 'yes' } };
const LIMITED = { name: 'c', image: 'i', resources: { limits: { memory: '64Mi' } } };
/** Their number is coprime to the steps in which cases are taken, so that each is tried. */
const FEATURES: Readonly<Record<string, object>> = {
  plain: { containers: [LIMITED] },
  hostPath: {
    containers: [LIMITED],
    volumes: [
      { name: 'v', hostPath: { path: '/x' } },
      { name: 'w', emptyDir: {} },
    ],
  },
  hostNetwork: { containers: [LIMITED], hostNetwork: true },
  hostPID: { containers: [LIMITED], hostPID: true },
  hostIPC: { containers: [LIMITED], hostIPC: true },
  privileged: { containers: [{ ...LIMITED, securityContext: { privileged: true } }] },
  privilegedInit: { containers: [LIMITED], initContainers: [{ ...LIMITED, name: 'b', securityContext: { privileged: true } }] },
  noLimit: { containers: [LIMITED, { name: 'd', image: 'i' }] },
  zeroLimit: { containers: [{ name: 'c', image: 'i', resources: { limits: { memory: '0Mi' } } }] },
  zeroPodLimit: { containers: [{ name: 'd', image: 'i' }], resources: { limits: { memory: 0 } } },
  noSidecarLimit: { containers: [LIMITED], initContainers: [{ name: 'b', image: 'i', restartPolicy: 'Always' }] },
  noInitLimit: { containers: [LIMITED], initContainers: [{ name: 'b', image: 'i' }] },
  podLimit: { containers: [{ name: 'd', image: 'i' }], resources: { limits: { memory: '64Mi' } } },
};

interface Template {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: object;
}

/** Each kind with its API path and the place of its pod template. */
const KINDS: readonly (readonly [kind: string, api: string, resource: string, spec: (template: Template) => object])[] = [
  ['Deployment', 'apps/v1', 'deployments', (template) => ({ spec: { selector: { matchLabels: { a: 'b' } }, template } })],
  [
    'StatefulSet',
    'apps/v1',
    'statefulsets',
    (template) => ({ spec: { selector: { matchLabels: { a: 'b' } }, serviceName: 's', template } }),
  ],
  ['ReplicaSet', 'apps/v1', 'replicasets', (template) => ({ spec: { selector: { matchLabels: { a: 'b' } }, template } })],
  ['ReplicationController', 'v1', 'replicationcontrollers', (template) => ({ spec: { selector: { a: 'b' }, template } })],
  ['Job', 'batch/v1', 'jobs', (template) => ({ spec: { template: never(template) } })],
  [
    'CronJob',
    'batch/v1',
    'cronjobs',
    (template) => ({ spec: { schedule: '0 0 * * *', jobTemplate: { spec: { template: never(template) } } } }),
  ],
  ['PodTemplate', 'v1', 'podtemplates', (template) => ({ template })],
  ['Pod', 'v1', 'pods', ({ spec }) => ({ spec })],
];

const never = (template: Template): Template => ({ ...template, spec: { ...template.spec, restartPolicy: 'Never' } });
const pathOf = (api: string, namespace: string, resource: string) =>
  `${api === 'v1' ? '/api/v1' : `/apis/${api}`}/namespaces/${namespace}/${resource}`;

/** Every case that the rules distinguish, for pods; every tenth case for each other kind, a different tenth for each. */
function* cases() {
  let count = 0;
  for (const [at, [kind, api, resource, hold]] of KINDS.entries()) {
    for (const namespace of Object.keys(NAMESPACES)) {
      for (const lane of ['guest', 'staff', undefined]) {
        for (const runtimeClassName of [undefined, ...CLASSES.map(({ name }) => name)]) {
          for (const [feature, spec] of Object.entries(FEATURES)) {
            count += 1;
            if (count % (kind === 'Pod' ? 3 : 19) !== at % (kind === 'Pod' ? 3 : 19)) continue;
            const labels = { a: 'b', ...(lane === undefined ? {} : { lane }) };
            const template = { metadata: { labels }, spec: { ...spec, ...(runtimeClassName === undefined ? {} : { runtimeClassName }) } };
            const metadata = { name: `x${count}`, namespace, ...(kind === 'Pod' ? { labels } : {}) };
            const object = { apiVersion: api, kind, metadata, ...hold(template) };
            yield { title: `${kind} ${namespace} ${lane} ${runtimeClassName} ${feature}`, object, path: pathOf(api, namespace, resource) };
          }
        }
      }
    }
  }
}

const policy = parsePolicy(POLICY);
const classes = withAksClasses(CLASSES.map((one) => ({ ...one, nodeSelector: {} })));
const input = { policy, classes, rules: RULES, failOn: 'info', enforce: true, daemonSets: false } as const;
const documents = (format: GuardrailFormat) => parseAllDocuments(guardrail(format, input)).map((one) => one.toJS());
const BESIDE = [
  ...CLASSES.map(({ name, handler }) => aClass(name, { handler, overhead: { podFixed: { memory: '600Mi' } } })),
  ...Object.entries(NAMESPACES).map(([name, labels]) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } })),
];
const beside = BESIDE.map((one) => stringify(one, { version: '1.1' })).join('---\n');

/** The verdicts of the audit's rules on a manifest. */
function rulesBroken(object: object): readonly string[] {
  const { findings, remarks } = checkTexts({ a: `${beside}---\n${stringify(object, { version: '1.1' })}` }, { policy: POLICY });
  expect(remarks).toEqual([]);
  return findings.flatMap(({ finding }) =>
    finding.subject.kind === 'workload' || finding.ruleId === 'runtime-class-name-current' ? [finding.ruleId] : [],
  );
}

describe.skipIf(!isThere)(`the guardrail ${TITLE}`, () => {
  let plane: ControlPlane;
  const make = (path: string, object: object, dry = true) => plane.api.ask('POST', `${path}${dry ? '?dryRun=All' : ''}`, object);
  const pod = (name: string, labels: object, spec: object, namespace = 'lab') => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels },
    spec,
  });
  const deployment = (name: string, spec: object, annotations = {}) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'lab', annotations },
    spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b', lane: 'guest' } }, spec } },
  });
  const deployments = pathOf('apps/v1', 'lab', 'deployments');
  const pods = pathOf('v1', 'lab', 'pods');

  beforeAll(async () => {
    plane = await startControlPlane({ controllers: false, flags: ['--disable-admission-plugins', 'ServiceAccount'] });
    for (const one of BESIDE)
      await plane.api.must('POST', one.kind === 'Namespace' ? '/api/v1/namespaces' : '/apis/node.k8s.io/v1/runtimeclasses', one);
    await plane.api.must('POST', deployments, deployment('old', { containers: [LIMITED] }));
    await plane.api.must('POST', pods, pod('old', { lane: 'guest' }, { containers: [LIMITED] }));
    await plane.api.must('POST', pods, pod('staff', { lane: 'staff' }, { containers: [LIMITED] }));
    const [validating, binding] = documents('vap');
    await plane.api.must('POST', '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies', validating);
    await plane.api.must('POST', '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings', binding);
    await until(
      'the policy to be in force',
      async () => (await make(pods, pod('x', { lane: 'guest' }, { containers: [LIMITED] }))).status === 403,
    );
  });
  afterAll(async () => plane?.stop());

  it('refuses exactly the objects for which the rules report findings, for every kind', async () => {
    const disagreed: string[] = [];
    const seen = { refused: 0, taken: 0 };
    for (const { title, object, path } of cases()) {
      const broken = path.includes('aks-istio-system') ? [] : rulesBroken(object);
      const { status, body } = await make(path, object);
      const words = JSON.stringify(body);
      seen[status === 201 ? 'taken' : 'refused'] += 1;
      const isSame = broken.length === 0 ? status === 201 : status === 403 && broken.some((rule) => words.includes(`Kataudit ${rule}: `));
      if (!isSame)
        disagreed.push(`${title}: rules ${broken.join(', ') || 'none'}, server ${status} ${status === 201 ? '' : words.slice(0, 300)}`);
    }
    expect(disagreed).toEqual([]);
    expect(Math.min(seen.refused, seen.taken)).toBeGreaterThan(100);
  });

  it('allows updates of an object that already broke a rule, and refuses updates that break one', async () => {
    const spec = { containers: [LIMITED] };
    expect((await plane.api.ask('PUT', `${deployments}/old`, deployment('old', spec, { note: 'harmless' }))).status).toBe(200);
    const worse = await plane.api.ask(
      'PUT',
      `${deployments}/old`,
      deployment('old', { ...spec, runtimeClassName: 'vault', hostPID: true }),
    );
    expect([worse.status, JSON.stringify(worse.body)]).toEqual([403, expect.stringContaining('sandboxed-pod-host-namespaces')]);
    await plane.api.must('POST', deployments, deployment('good', { ...spec, runtimeClassName: 'vault' }));
    expect((await plane.api.ask('PUT', `${deployments}/good`, deployment('good', spec))).status).toBe(403);
    const scale = await plane.api.ask('PATCH', `${deployments}/old/scale`, { spec: { replicas: 3 } }, 'application/merge-patch+json');
    expect(scale.status).toBe(200);
  });

  it('judges labels that are added to a running pod', async () => {
    const label = (name: string, labels: object) =>
      plane.api.ask('PATCH', `${pods}/${name}`, { metadata: { labels } }, 'application/merge-patch+json');
    expect((await label('old', { more: 'x' })).status).toBe(200);
    expect((await label('staff', { lane: 'guest' })).status).toBe(403);
    expect((await label('staff', { more: 'x' })).status).toBe(200);
  });

  it('refuses a privileged debug container in a sandboxed pod', async () => {
    await plane.api.must('POST', pods, pod('boxed', { lane: 'guest' }, { containers: [LIMITED], runtimeClassName: 'vault' }));
    const debug = (privileged: boolean) => ({
      spec: { ephemeralContainers: [{ name: `d-${privileged}`, image: 'i', securityContext: { privileged } }] },
    });
    const path = `${pods}/boxed/ephemeralcontainers`;
    const asked = (privileged: boolean) => plane.api.ask('PATCH', path, debug(privileged), 'application/strategic-merge-patch+json');
    expect((await asked(true)).status).toBe(403);
    expect((await asked(false)).status).toBe(200);
  });

  it("ignores node agents and system namespaces, but not a sandboxed DaemonSet that uses its node's namespaces", async () => {
    const agent = (spec: object) => ({ ...deployment('agent', spec), kind: 'DaemonSet' });
    const daemonSets = pathOf('apps/v1', 'lab', 'daemonsets');
    expect((await make(daemonSets, agent({ containers: [LIMITED], hostNetwork: true }))).status).toBe(201);
    expect((await make(daemonSets, agent({ containers: [LIMITED], hostNetwork: true, runtimeClassName: 'vault' }))).status).toBe(403);
    expect(
      (await make(pathOf('v1', 'kube-system', 'pods'), pod('x', { lane: 'guest' }, { containers: [LIMITED] }, 'kube-system'))).status,
    ).toBe(201);
    const owner = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent', uid: 'u', controller: true };
    const pretender = {
      ...pod('p', { lane: 'guest' }, { containers: [LIMITED] }),
      metadata: { name: 'p', namespace: 'lab', labels: { lane: 'guest' }, ownerReferences: [owner] },
    };
    expect((await make(pods, pretender)).status).toBe(403);
  });

  it('contains the same expressions for Kyverno as for Kubernetes', () => {
    const [{ spec }] = documents('kyverno');
    const { validationActions, autogen, ...rest } = spec;
    expect(rest).toEqual(documents('vap')[0].spec);
    expect([validationActions, autogen]).toEqual([['Deny', 'Audit'], { podControllers: { controllers: [] } }]);
  });

  it('sets the class when a pod names none, so that its overhead is added and the pod is accepted', async () => {
    for (const one of documents('map')) {
      const resource = one.kind === 'MutatingAdmissionPolicy' ? 'mutatingadmissionpolicies' : 'mutatingadmissionpolicybindings';
      await plane.api.must('POST', `/apis/admissionregistration.k8s.io/v1/${resource}`, one);
    }
    const guest = pod('x', { lane: 'guest' }, { containers: [LIMITED] });
    await until('the policy to be in force', async () => (await make(pods, guest)).status === 201);
    expect((await make(pods, guest)).body).toMatchObject({
      spec: { runtimeClassName: 'kata-vm-isolation', overhead: { memory: '600Mi' } },
    });
    const staff = (await make(pods, pod('x', { lane: 'staff' }, { containers: [LIMITED] }))).body;
    expect(staff).toMatchObject({ kind: 'Pod', spec: expect.not.objectContaining({ runtimeClassName: expect.anything() }) });
    const tenant = await make(pathOf('v1', 'tenant-a', 'pods'), pod('x', {}, { containers: [LIMITED] }, 'tenant-a'));
    expect(tenant.body).toMatchObject({ spec: { runtimeClassName: 'kata-vm-isolation' } });
    const boxed = await make(pathOf('v1', 'boxed', 'pods'), pod('x', {}, { containers: [LIMITED] }, 'boxed'));
    expect(boxed.body).toMatchObject({ spec: { runtimeClassName: 'kata-vm-isolation' } });
    const other = await make(pods, pod('x', { lane: 'guest' }, { containers: [LIMITED], runtimeClassName: 'quick' }));
    expect(other.status).toBe(403);
  });
});
