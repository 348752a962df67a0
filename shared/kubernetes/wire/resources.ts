import { namespaceJson, nodeJson, podJson, runtimeClassJson } from './json.ts';
import { kubernetes } from './kubernetes.generated.js';
import type { WireNamespace, WireNode, WirePod, WireRuntimeClass } from './messages.ts';

/** How one kind of object is listed and read, in both encodings. */
export interface Resource<T> {
  /** Plural name in the API, as permissions call it. */
  readonly plural: string;
  readonly listKind: string;
  /** Below the server's address. */
  readonly path: string;
  /** What Azure calls the permission to list it. */
  readonly dataAction: string;
  readonly fromProtobuf: (item: Uint8Array) => T;
  readonly fromJson: (item: unknown) => T;
}

const AKS = 'Microsoft.ContainerService/managedClusters';

export const PODS: Resource<WirePod> = {
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

/** Pods of one namespace. */
export function podsOf(namespace: string): Resource<WirePod> {
  return { ...PODS, path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods` };
}
