import fc from 'fast-check';
import type { KubernetesObject } from '../../../shared/local/estate/kubernetes/pod-object.ts';

const text = fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom('größe', '名前', '🚢', '', '__proto__', 'constructor', 'a\nb'));
const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/);
const quantity = fc.constantFrom('600Mi', '1Gi', '128974848', '0');
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
/** JSON omits what is not set. */
const record = <T extends Record<string, fc.Arbitrary<unknown>>>(model: T) => fc.record(model).map(withoutUndefined);

function withoutUndefined(object: KubernetesObject): KubernetesObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

/** Labels as maps in which hostile keys are only keys. */
const strings = fc.array(fc.tuple(fc.oneof(name, text), text), { maxLength: 4 }).map((entries) => Object.fromEntries(entries));
const resources = record({
  limits: maybe(fc.dictionary(fc.constantFrom('memory', 'cpu'), quantity)),
  requests: maybe(fc.dictionary(fc.constantFrom('memory', 'cpu'), quantity)),
});
const container = record({
  name,
  image: text,
  env: maybe(fc.array(record({ name, value: text }), { maxLength: 3 })),
  resources: maybe(resources),
  restartPolicy: maybe(fc.constantFrom('Always', 'OnFailure')),
  securityContext: maybe(record({ privileged: maybe(fc.boolean()), runAsUser: maybe(fc.nat()) })),
});
const volume = fc
  .tuple(
    name,
    fc.constantFrom<KubernetesObject>(
      { hostPath: { path: '/', type: '' } },
      { emptyDir: {} },
      { configMap: { name: 'c' } },
      { persistentVolumeClaim: { claimName: 'data' } },
      { ephemeral: { volumeClaimTemplate: {} } },
      {},
    ),
  )
  .map(([called, source]) => ({ name: called, ...source }));
const time = fc
  .date({ min: new Date('2015-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString().replace(/\.\d+Z$/, 'Z'));
const status = record({
  name,
  state: maybe(
    fc.constantFrom(
      { waiting: { reason: 'ContainerCreating' } },
      { waiting: {} },
      { running: { startedAt: '2026-01-01T00:00:00Z' } },
      { terminated: { exitCode: 0, finishedAt: '2026-01-02T00:00:00Z' } },
      {},
    ),
  ),
});
const toleration = record({
  key: fc.constantFrom('sandbox', ''),
  operator: fc.constantFrom('Exists', 'Equal', ''),
  value: fc.constantFrom('kata', ''),
  effect: fc.constantFrom('NoSchedule', ''),
});
const condition = record({
  type: fc.constantFrom('PodScheduled', 'Ready'),
  status: fc.constantFrom('True', 'False'),
  lastTransitionTime: maybe(time),
  reason: maybe(text),
  message: maybe(text),
});
const owner = record({
  kind: fc.constantFrom('ReplicaSet', 'StatefulSet', 'Job', 'Node'),
  name: fc.constantFrom('web-5d4f', 'web', 'nightly-29600000', 'import-20240101'),
  uid: name,
  apiVersion: fc.constantFrom('v1', 'apps/v1', 'batch/v1', 'apps.kruise.io/v1'),
  controller: maybe(fc.boolean()),
});

/** Any pod, in an API server's JSON format, with few names, so that several pods are in one group. */
export const anyPod: fc.Arbitrary<KubernetesObject> = record({
  metadata: record({
    name,
    namespace: fc.constantFrom('shop', 'team-1'),
    creationTimestamp: maybe(time),
    labels: maybe(fc.oneof(strings, fc.constantFrom({ 'pod-template-hash': '5d4f', app: 'web' }, { app: 'web' }))),
    annotations: maybe(fc.constantFrom({ note: 'x'.repeat(20_000) }, {})),
    ownerReferences: maybe(fc.array(owner, { maxLength: 2 })),
  }),
  spec: record({
    volumes: maybe(fc.array(volume, { maxLength: 3 })),
    containers: fc.array(container, { minLength: 1, maxLength: 3 }),
    initContainers: maybe(fc.array(container, { maxLength: 2 })),
    ephemeralContainers: maybe(fc.array(container, { maxLength: 2 })),
    nodeSelector: maybe(fc.oneof(strings, fc.constantFrom({ kata: 'yes' }, { kata: 'yes', zone: '1' }, { kata: 'no' }))),
    nodeName: maybe(fc.constantFrom('kata-0', 'plain-0', 'gone-0')),
    hostNetwork: maybe(fc.boolean()),
    hostPID: maybe(fc.boolean()),
    hostIPC: maybe(fc.boolean()),
    tolerations: maybe(fc.array(toleration, { maxLength: 2 })),
    schedulingGates: maybe(fc.constantFrom([{ name: 'kueue.x-k8s.io/admission' }], [])),
    runtimeClassName: maybe(fc.constantFrom('kata-vm-isolation', 'runc', 'gone')),
    overhead: maybe(fc.dictionary(fc.constantFrom('memory', 'cpu'), quantity)),
    resources: maybe(resources),
  }),
  status: record({
    phase: maybe(fc.constantFrom('Pending', 'Running', 'Succeeded', 'Failed', 'Unknown', 'Newer')),
    conditions: maybe(fc.array(condition, { maxLength: 2 })),
    containerStatuses: maybe(fc.array(status, { maxLength: 2 })),
    initContainerStatuses: maybe(fc.array(status, { maxLength: 2 })),
  }),
});
