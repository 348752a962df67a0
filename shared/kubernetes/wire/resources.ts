import { type AdmissionBinding, type AdmissionPolicy, admissionBindingJson, admissionPolicyJson } from './admission.ts';
import { namespaceJson, nodeJson, persistentVolumeJson, podJson, runtimeClassJson } from './json.ts';
import { kubernetes } from './kubernetes.generated.js';
import type { WireNamespace, WireNode, WirePersistentVolume, WirePod, WireRuntimeClass } from './messages.ts';
import { templateOwnerJson, type WireTemplateOwner } from './templates.ts';

/** How one kind of object is listed and decoded, in both encodings. */
export interface Resource<T> {
  /** Plural name in the API, as permissions call it. */
  readonly plural: string;
  readonly listKind: string;
  /** Path on the server. */
  readonly path: string;
  /** The data action that Azure RBAC requires to list it. */
  readonly dataAction: string;
  /** Absent for kinds with so few objects that JSON is sufficient. */
  readonly fromProtobuf?: (item: Uint8Array) => T;
  readonly fromJson: (item: unknown) => T;
}

const AKS = 'Microsoft.ContainerService/managedClusters';

export const PODS: Required<Resource<WirePod>> = {
  plural: 'pods',
  listKind: 'PodList',
  path: '/api/v1/pods',
  dataAction: `${AKS}/pods/read`,
  fromProtobuf: (item) => kubernetes.Pod.decode(item),
  fromJson: (item) => podJson.parse(item),
};

export const NODES: Resource<WireNode> = {
  plural: 'nodes',
  listKind: 'NodeList',
  path: '/api/v1/nodes',
  dataAction: `${AKS}/nodes/read`,
  fromProtobuf: (item) => kubernetes.Node.decode(item),
  fromJson: (item) => nodeJson.parse(item),
};

export const NAMESPACES: Resource<WireNamespace> = {
  plural: 'namespaces',
  listKind: 'NamespaceList',
  path: '/api/v1/namespaces',
  dataAction: `${AKS}/namespaces/read`,
  fromProtobuf: (item) => kubernetes.Namespace.decode(item),
  fromJson: (item) => namespaceJson.parse(item),
};

export const RUNTIME_CLASSES: Resource<WireRuntimeClass> = {
  plural: 'runtimeclasses.node.k8s.io',
  listKind: 'RuntimeClassList',
  path: '/apis/node.k8s.io/v1/runtimeclasses',
  dataAction: `${AKS}/node.k8s.io/runtimeclasses/read`,
  fromProtobuf: (item) => kubernetes.RuntimeClass.decode(item),
  fromJson: (item) => runtimeClassJson.parse(item),
};

export const PERSISTENT_VOLUMES: Resource<WirePersistentVolume> = {
  plural: 'persistentvolumes',
  listKind: 'PersistentVolumeList',
  path: '/api/v1/persistentvolumes',
  dataAction: `${AKS}/persistentvolumes/read`,
  fromProtobuf: (item) => kubernetes.PersistentVolume.decode(item),
  fromJson: (item) => persistentVolumeJson.parse(item),
};

/** The kinds whose pod templates are read. */
export const TEMPLATE_OWNERS = {
  Deployment: templateOwner('Deployment', '/apis/apps/v1/deployments', `${AKS}/apps/deployments/read`),
  StatefulSet: templateOwner('StatefulSet', '/apis/apps/v1/statefulsets', `${AKS}/apps/statefulsets/read`),
  DaemonSet: templateOwner('DaemonSet', '/apis/apps/v1/daemonsets', `${AKS}/apps/daemonsets/read`),
  CronJob: templateOwner('CronJob', '/apis/batch/v1/cronjobs', `${AKS}/batch/cronjobs/read`),
} as const;

function templateOwner(kind: string, path: string, dataAction: string): Resource<WireTemplateOwner> {
  const [, , group = '', , plural = ''] = path.split('/');
  return {
    plural: `${plural}.${group}`,
    listKind: `${kind}List`,
    path,
    dataAction,
    fromJson: (item) => templateOwnerJson.parse(item),
  };
}

/** Admission policies of both kinds, each with its bindings. */
export const ADMISSION = {
  validating: {
    policies: admission(
      'ValidatingAdmissionPolicy',
      'validatingadmissionpolicies',
      (item): AdmissionPolicy => admissionPolicyJson.parse(item),
    ),
    bindings: admission(
      'ValidatingAdmissionPolicyBinding',
      'validatingadmissionpolicybindings',
      (item): AdmissionBinding => admissionBindingJson.parse(item),
    ),
  },
  mutating: {
    policies: admission('MutatingAdmissionPolicy', 'mutatingadmissionpolicies', (item): AdmissionPolicy => admissionPolicyJson.parse(item)),
    bindings: admission(
      'MutatingAdmissionPolicyBinding',
      'mutatingadmissionpolicybindings',
      (item): AdmissionBinding => admissionBindingJson.parse(item),
    ),
  },
} as const;

function admission<T>(kind: string, plural: string, fromJson: (item: unknown) => T): Resource<T> {
  return {
    plural: `${plural}.admissionregistration.k8s.io`,
    listKind: `${kind}List`,
    path: `/apis/admissionregistration.k8s.io/v1/${plural}`,
    dataAction: `${AKS}/admissionregistration.k8s.io/${plural}/read`,
    fromJson,
  };
}

/** The pods of one namespace. */
export function podsOf(namespace: string): Resource<WirePod> {
  return { ...PODS, path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods` };
}
