import { clusterObjects, RESOURCES, type StoredObject } from '../../shared/local/estate/kubernetes/kubernetes-resources.ts';
import { encodeEnvelope } from '../../shared/local/estate/kubernetes/protobuf.ts';
import { scaleEstate } from '../../shared/local/estate/scale-estate.ts';
import { largePod } from '../pods/generated-cluster.ts';

const NOW = new Date('2026-09-01T12:00:00.000Z');
const POOLS = 4;
/**
 * The keys of an API server's objects in etcd. Source: kubernetes/kubernetes, pkg/registry and
 * pkg/kubeapiserver/default_storage_factory_builder.go.
 */
const FOLDERS = { namespaces: 'namespaces', nodes: 'minions', runtimeclasses: 'runtimeclasses', pods: 'pods' } as const;
export type Seeded = keyof typeof FOLDERS;
/** etcd accepts 128 changes and 1.5 MiB in one transaction by default. */
const AT_ONCE = 64;
const CONNECTIONS = 8;

/** The objects of a cluster with this number of nodes and of pods, in addition to the pods that AKS runs on each node. */
export function objectsToSeed(nodes: number, pods: number): Readonly<Record<Seeded, readonly StoredObject[]>> {
  const size = { clusters: 1, poolsPerCluster: POOLS, podsPerCluster: pods, nodesPerPool: Math.ceil(nodes / POOLS) };
  const estate = scaleEstate(size, 'bench', NOW);
  const [cluster] = estate.subscriptions[0]?.clusters ?? [];
  if (cluster === undefined) throw new Error('The generated estate has no cluster.');
  return clusterObjects(estate, cluster);
}

/**
 * Writes objects to etcd as an API server stores them. Pods can then be running from the start, which an API server does not allow
 * for a created pod, and writing a hundred thousand takes only a minute.
 */
export async function seed(etcd: string, plural: Seeded, objects: readonly StoredObject[]): Promise<void> {
  let next = 0;
  const write = async () => {
    while (next < objects.length) {
      const part = objects.slice(next, next + AT_ONCE);
      next += part.length;
      await put(
        etcd,
        part.map((object) => change(plural, object)),
      );
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, write));
}

function change(plural: Seeded, stored: StoredObject) {
  const { kind, apiVersion } = RESOURCES.find((one) => one.plural === plural) ?? RESOURCES[0];
  const name = [stored.fields['metadata.namespace'], stored.fields['metadata.name']].filter((part) => part !== '').join('/');
  const object = plural === 'pods' ? largePod(stored) : stored.json();
  const key = Buffer.from(`/registry/${FOLDERS[plural]}/${name}`).toString('base64');
  return { requestPut: { key, value: encodeEnvelope(apiVersion, kind, object).toString('base64') } };
}

async function put(etcd: string, success: readonly object[]): Promise<void> {
  const answer = await fetch(`${etcd}/v3/kv/txn`, { method: 'POST', body: JSON.stringify({ success }) });
  if (!answer.ok) throw new Error(`etcd refused objects: ${(await answer.text()).slice(0, 300)}`);
}
