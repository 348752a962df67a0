import { clusterObjects, type StoredObject } from '../../shared/local/estate/kubernetes/kubernetes-resources.ts';
import type { KubernetesObject } from '../../shared/local/estate/kubernetes/pod-object.ts';
import { encodeObject } from '../../shared/local/estate/kubernetes/protobuf.ts';
import { scaleEstate } from '../../shared/local/estate/scale-estate.ts';

/** Encoded objects in one buffer, so that any range of a list is a view of it. */
export interface EncodedItems {
  readonly bytes: Buffer;
  /** Where each object begins, and where the last one ends. */
  readonly offsets: readonly number[];
}

/** A generated cluster in both encodings. A list with more entries than pods repeats them. */
export interface GeneratedCluster {
  readonly pods: { readonly protobuf: EncodedItems; readonly json: EncodedItems };
  readonly nodes: { readonly protobuf: EncodedItems; readonly json: EncodedItems };
  readonly namespaces: { readonly protobuf: EncodedItems; readonly json: EncodedItems };
  readonly runtimeclasses: { readonly protobuf: EncodedItems; readonly json: EncodedItems };
  /** The numbers of the pods on each node. */
  readonly podsOnNode: ReadonlyMap<string, readonly number[]>;
}

const NOW = new Date('2026-09-01T12:00:00.000Z');
const POOLS = 4;
/** Number of different pods, in addition to those that AKS runs on each node. */
const DISTINCT_PODS = 20_000;
const ITEMS_FIELD = 0x12;

/** Creates a cluster whose pods are as large as real ones; the same arguments give the same cluster. */
export function generateCluster(nodes: number): GeneratedCluster {
  const size = { clusters: 1, poolsPerCluster: POOLS, podsPerCluster: DISTINCT_PODS, nodesPerPool: Math.ceil(nodes / POOLS) };
  const estate = scaleEstate(size, 'bench', NOW);
  const [cluster] = estate.subscriptions[0]?.clusters ?? [];
  if (cluster === undefined) throw new Error('The generated estate has no cluster.');
  const objects = clusterObjects(estate, cluster);
  // A short list should have pods of all kinds, but AKS's own pods, which are all alike, would come first.
  const [system, own] = [objects.pods.filter(isOfAks), objects.pods.filter((pod) => !isOfAks(pod))];
  const pods = [...own, ...system];
  const podsOnNode = Map.groupBy(
    pods.map((_, at) => at),
    (at) => pods[at]?.fields['spec.nodeName'] ?? '',
  );
  return {
    pods: encoded('Pod', pods.map(largePod)),
    nodes: encoded(
      'Node',
      objects.nodes.map((one) => one.json()),
    ),
    namespaces: encoded(
      'Namespace',
      objects.namespaces.map((one) => one.json()),
    ),
    runtimeclasses: encoded(
      'RuntimeClass',
      objects.runtimeclasses.map((one) => one.json()),
    ),
    podsOnNode,
  };
}

function isOfAks({ fields }: StoredObject): boolean {
  return fields['metadata.namespace'] === 'kube-system';
}

/** A pod with a sidecar, as most meshes and log shippers inject one: as large as real ones. */
export function largePod(stored: StoredObject): KubernetesObject {
  const pod = stored.json();
  const spec = { ...(typeof pod.spec === 'object' ? pod.spec : {}) };
  const containers = 'containers' in spec && Array.isArray(spec.containers) ? spec.containers : [];
  const env = Array.from({ length: 16 }, (_, at) => ({ name: `SIDECAR_OPTION_${at}`, value: `value of option ${at} of the sidecar` }));
  const sidecar = {
    name: 'sidecar',
    image: 'registry.example.com/sidecar:2.4.1',
    env,
    resources: { limits: { cpu: '100m', memory: '64Mi' } },
  };
  return { ...pod, spec: { ...spec, containers: [...containers, sidecar] } };
}

function encoded(kind: string, objects: readonly KubernetesObject[]) {
  return {
    protobuf: join(objects.map((object) => item(encodeObject(kind, object)))),
    json: join(objects.map((object) => Buffer.from(`,${JSON.stringify(object)}`))),
  };
}

function join(items: readonly Buffer[]): EncodedItems {
  const offsets = [0];
  for (const { length } of items) offsets.push((offsets.at(-1) ?? 0) + length);
  return { bytes: Buffer.concat(items), offsets };
}

/** An object as one element of a protobuf list. */
function item(object: Buffer): Buffer {
  const head = [ITEMS_FIELD];
  let left = object.length;
  for (; left > 0x7f; left = Math.floor(left / 0x80)) head.push((left % 0x80) | 0x80);
  return Buffer.concat([Buffer.from([...head, left]), object]);
}
