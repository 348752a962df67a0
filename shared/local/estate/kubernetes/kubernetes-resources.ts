import { DAY_MS } from '../../../domain/snapshot/day.ts';
import type { TemplateKind } from '../../../domain/snapshot/pod-template.ts';
import type { Estate, EstateCluster } from '../model.ts';
import { admissionObjects } from './admission-objects.ts';
import {
  admissionObject,
  listedNamespaces,
  listedNodes,
  namespaceObject,
  nodeLabels,
  nodeObject,
  runtimeClassObject,
  volumeObjects,
} from './cluster-objects.ts';
import { type PlacedPod, placePods } from './placement.ts';
import { PodEncoder } from './pod-encoder.ts';
import { type KubernetesObject, podObject } from './pod-object.ts';
import { encodeObject } from './protobuf.ts';
import { templateObjects } from './template-objects.ts';

/** A kind of object that the simulated API servers serve. */
export const RESOURCES = [
  { plural: 'nodes', kind: 'Node', apiVersion: 'v1', namespaced: false, shortNames: ['no'] },
  { plural: 'pods', kind: 'Pod', apiVersion: 'v1', namespaced: true, shortNames: ['po'] },
  { plural: 'namespaces', kind: 'Namespace', apiVersion: 'v1', namespaced: false, shortNames: ['ns'] },
  { plural: 'persistentvolumes', kind: 'PersistentVolume', apiVersion: 'v1', namespaced: false, shortNames: ['pv'] },
  { plural: 'deployments', kind: 'Deployment', apiVersion: 'apps/v1', namespaced: true, shortNames: ['deploy'] },
  { plural: 'statefulsets', kind: 'StatefulSet', apiVersion: 'apps/v1', namespaced: true, shortNames: ['sts'] },
  { plural: 'daemonsets', kind: 'DaemonSet', apiVersion: 'apps/v1', namespaced: true, shortNames: ['ds'] },
  { plural: 'cronjobs', kind: 'CronJob', apiVersion: 'batch/v1', namespaced: true, shortNames: ['cj'] },
  { plural: 'runtimeclasses', kind: 'RuntimeClass', apiVersion: 'node.k8s.io/v1', namespaced: false, shortNames: [] },
  admission('validatingadmissionpolicies', 'ValidatingAdmissionPolicy'),
  admission('validatingadmissionpolicybindings', 'ValidatingAdmissionPolicyBinding'),
] as const;

function admission<const P extends string>(plural: P, kind: string) {
  return { plural, kind, apiVersion: 'admissionregistration.k8s.io/v1', namespaced: false, shortNames: [] } as const;
}

/** One served kind. */
export type ResourceKind = (typeof RESOURCES)[number];

/** The fields of an object that `fieldSelector` can select by. */
export interface ObjectFields {
  readonly 'metadata.name': string;
  readonly 'metadata.namespace': string;
  readonly 'spec.nodeName': string;
  readonly 'status.phase': string;
}

/** One object, encoded only when requested. */
export interface StoredObject {
  readonly fields: ObjectFields;
  readonly labels: Readonly<Record<string, string>>;
  /** Set for the estate's own pods. */
  readonly placed?: PlacedPod;
  json(): KubernetesObject;
  protobuf(): Buffer;
}

/** All objects of a cluster's API server at one resource version. */
export type ClusterObjects = Readonly<Record<ResourceKind['plural'], readonly StoredObject[]>>;

/** All objects of a cluster's API server, pods in the order of etcd. */
export function clusterObjects(
  estate: Pick<Estate, 'seed' | 'now'>,
  cluster: EstateCluster,
  created: readonly StoredObject[] = [],
): ClusterObjects {
  const { seed } = estate;
  const createdAt = new Date(Date.parse(estate.now) - DAY_MS).toISOString().replace(/\.\d+Z$/, 'Z');
  const context = { seed, cluster, createdAt };
  const encoder = new PodEncoder(context);
  const pods = placePods(cluster).map((pod) => {
    const fields = {
      'metadata.name': pod.name,
      'metadata.namespace': pod.workload.namespace,
      'spec.nodeName': pod.node?.name ?? '',
      'status.phase': pod.phase,
    };
    const labels = { ...pod.workload.labels, ...pod.controllerLabels };
    return {
      fields,
      labels,
      placed: pod,
      json: () => podObject(pod, context),
      protobuf: () => encoder.encode(pod),
    } satisfies StoredObject;
  });
  const templatesOf = (kind: TemplateKind) =>
    templateObjects(kind, context).map(
      ({ namespace, name, labels, json }): StoredObject => ({
        fields: { 'metadata.name': name, 'metadata.namespace': namespace, 'spec.nodeName': '', 'status.phase': '' },
        labels,
        json,
        protobuf: () => encodeObject(kind, json()),
      }),
    );
  const admitted = admissionObjects(cluster);
  const admissionOf = (one: { readonly kind: string; readonly metadata: { readonly name: string }; readonly spec: object }) =>
    plain(one.kind, one.metadata.name, admissionObject(one, cluster, seed, createdAt));
  const key = ({ fields }: StoredObject) => `${fields['metadata.namespace']}/${fields['metadata.name']}`;
  return {
    nodes: listedNodes(cluster).map((node) =>
      plain('Node', node.name, nodeObject(node, cluster, seed, createdAt), nodeLabels(node, cluster)),
    ),
    pods: [...pods, ...created].sort((one, other) => (key(one) < key(other) ? -1 : 1)),
    namespaces: listedNamespaces(cluster).map((one) =>
      plain('Namespace', one.name, namespaceObject(one, cluster, seed, createdAt), one.labels),
    ),
    persistentvolumes: volumeObjects(cluster, seed, createdAt).map((one) => plain('PersistentVolume', one.name, one.value)),
    deployments: templatesOf('Deployment'),
    statefulsets: templatesOf('StatefulSet'),
    daemonsets: templatesOf('DaemonSet'),
    cronjobs: templatesOf('CronJob'),
    runtimeclasses: cluster.runtimeClasses.map((one) => plain('RuntimeClass', one.name, runtimeClassObject(one, cluster, seed, createdAt))),
    validatingadmissionpolicies: admitted === undefined ? [] : [admissionOf(admitted.policy)],
    validatingadmissionpolicybindings: admitted === undefined ? [] : [admissionOf(admitted.binding)],
  };
}

function plain(kind: string, name: string, value: KubernetesObject, labels: Readonly<Record<string, string>> = {}): StoredObject {
  return {
    fields: { 'metadata.name': name, 'metadata.namespace': '', 'spec.nodeName': '', 'status.phase': '' },
    labels,
    json: () => value,
    protobuf: () => encodeObject(kind, value),
  };
}
