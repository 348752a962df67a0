import { given } from '../../../domain/snapshot/given.ts';
import { softwareOf } from '../images.ts';
import type { EstateCluster, EstateNode, EstateRuntimeClass, EstateWorkload } from '../model.ts';
import { digest, suffix } from '../random.ts';

/** The node and state of one pod before it is encoded. */
export interface PlacedPod {
  readonly workload: EstateWorkload;
  readonly name: string;
  /** The controller; absent for a bare pod. */
  readonly owner?: { readonly kind: string; readonly name: string; readonly apiVersion: string };
  /** Absent when no node fits. */
  readonly node?: EstateNode;
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
  /** Why its containers wait, when they do. */
  readonly waiting?: 'ContainerCreating' | 'ImagePullBackOff';
  readonly runtimeClass?: EstateRuntimeClass;
  /** The labels that its controller adds. */
  readonly controllerLabels: Readonly<Record<string, string>>;
}

/** Labels of a node that say whether its pool is for pod VMs. */
export function kataLabels(cluster: EstateCluster, node: EstateNode): Record<string, string> {
  const pool = cluster.nodePools.find(({ name }) => name === node.nodePool);
  const kata = pool === undefined ? softwareOf(node.nodeImageVersion).kata : pool.workloadRuntime?.startsWith('Kata') === true;
  if (!kata) return {};
  const legacy = pool?.workloadRuntime === 'KataMshvVmIsolation' ? { 'kubernetes.azure.com/kata-mshv-vm-isolation': 'true' } : {};
  return { ...legacy, 'kubernetes.azure.com/kata-vm-isolation': 'true' };
}

/** Every pod of a cluster, placed as the scheduler would; the same cluster always gives the same pods. */
export function placePods(cluster: EstateCluster): PlacedPod[] {
  const classes = new Map(cluster.runtimeClasses.map((one) => [one.name, one]));
  const nodesFor = eligibleNodes(cluster);
  let turn = 0;
  return cluster.workloads.flatMap((workload) => {
    const runtimeClass = workload.runtimeClassName === undefined ? undefined : classes.get(workload.runtimeClassName);
    const nodes = nodesFor(workload, runtimeClass);
    const names = namer(cluster, workload);
    const daemon = workload.kind === 'DaemonSet';
    return Array.from({ length: daemon ? nodes.length : workload.replicas }, (_, at): PlacedPod => {
      const node = nodes.length === 0 ? undefined : nodes[daemon ? at : turn++ % nodes.length];
      return {
        workload,
        ...names(at),
        ...given({ node }),
        ...conditionOf(workload, node, runtimeClass),
        ...given({ runtimeClass }),
      };
    });
  });
}

/** Cached, because thousands of workloads share a few sets of nodes. */
function eligibleNodes(cluster: EstateCluster) {
  const labels = new Map(cluster.nodes.map((node) => [node.name, kataLabels(cluster, node)]));
  const found = new Map<string, readonly EstateNode[]>();
  return (workload: EstateWorkload, runtimeClass: EstateRuntimeClass | undefined): readonly EstateNode[] => {
    const key = JSON.stringify([workload.kind === 'DaemonSet', workload.state === 'gated', workload.nodePool, runtimeClass?.name]);
    const nodes = found.get(key) ?? cluster.nodes.filter((node) => mayRunOn(workload, runtimeClass, node, labels.get(node.name) ?? {}));
    found.set(key, nodes);
    return nodes;
  };
}

function mayRunOn(
  workload: EstateWorkload,
  runtimeClass: EstateRuntimeClass | undefined,
  node: EstateNode,
  labels: Readonly<Record<string, string>>,
): boolean {
  const daemon = workload.kind === 'DaemonSet';
  if (workload.state === 'gated') return false;
  if (!daemon && (!node.ready || node.unschedulable === true || node.taints !== undefined)) return false;
  if (workload.nodePool !== undefined && node.nodePool !== workload.nodePool) return false;
  return Object.entries(runtimeClass?.nodeSelector ?? {}).every(([key, value]) => labels[key] === value);
}

function conditionOf(
  { state }: EstateWorkload,
  node: EstateNode | undefined,
  runtimeClass: EstateRuntimeClass | undefined,
): Pick<PlacedPod, 'phase' | 'waiting'> {
  if (state === 'succeeded') return { phase: 'Succeeded' };
  if (state === 'failed') return { phase: 'Failed' };
  if (node === undefined) return { phase: 'Pending' };
  // A kubelet without the handler does not fall back to runc: it never starts the pod.
  const handler = runtimeClass?.handler ?? '';
  if (!softwareOf(node.nodeImageVersion).handlers.includes(handler)) return { phase: 'Pending', waiting: 'ContainerCreating' };
  return state === 'image-pull' ? { phase: 'Pending', waiting: 'ImagePullBackOff' } : { phase: 'Running' };
}

type Names = Pick<PlacedPod, 'name' | 'owner' | 'controllerLabels'>;

/** Names the pods of one workload as its controller does. */
function namer(
  cluster: EstateCluster,
  { kind, name, namespace, revision, ownerGroup, ownerText, run = 0 }: EstateWorkload,
): (at: number) => Names {
  const seed = digest(cluster.name, namespace, kind, name, revision);
  const hash = suffix(10, seed);
  const own = (at: number) => `${name}-${suffix(5, seed, at)}`;
  switch (kind) {
    case 'Deployment': {
      const owner = { kind: 'ReplicaSet', name: `${name}-${hash}`, apiVersion: 'apps/v1' };
      const controllerLabels = { 'pod-template-hash': hash };
      return (at) => ({ name: `${owner.name}-${suffix(5, seed, at)}`, owner, controllerLabels });
    }
    case 'StatefulSet': {
      const owner = { kind, name, apiVersion: ownerGroup === undefined ? 'apps/v1' : `${ownerGroup}/v1beta1` };
      return (at) => ({
        name: `${name}-${at}`,
        owner,
        controllerLabels: {
          'apps.kubernetes.io/pod-index': String(at),
          'controller-revision-hash': `${name}-${hash}`,
          'statefulset.kubernetes.io/pod-name': `${name}-${at}`,
        },
      });
    }
    case 'DaemonSet': {
      const owner = { kind, name, apiVersion: 'apps/v1' };
      const controllerLabels = { 'controller-revision-hash': hash, 'pod-template-generation': String(revision) };
      return (at) => ({ name: own(at), owner, controllerLabels });
    }
    case 'Job': {
      const owner = { kind, name, apiVersion: 'batch/v1' };
      const controllerLabels = { 'batch.kubernetes.io/job-name': name, 'job-name': name };
      return (at) => ({ name: own(at), owner, controllerLabels });
    }
    case 'CronJob': {
      const owner = { kind: 'Job', name: `${name}-${run}`, apiVersion: 'batch/v1' };
      const controllerLabels = { 'batch.kubernetes.io/job-name': owner.name, 'job-name': owner.name };
      return (at) => ({ name: `${owner.name}-${suffix(5, seed, at)}`, owner, controllerLabels });
    }
    case 'Pod': {
      const owner = ownerText === undefined ? {} : { owner: { kind: 'Deployment', name: ownerText, apiVersion: 'apps/v1' } };
      return (at) => ({ name: at === 0 ? name : `${name}-${at}`, ...owner, controllerLabels: {} });
    }
  }
}
