import { guardrailDigest } from '../../../shared/domain/guardrail/digest.ts';
import { ORIGIN } from '../../../shared/domain/guardrail/objects.ts';
import { isSandboxHandler } from '../../../shared/domain/policy/handlers.ts';
import type { Guardrail } from '../../../shared/domain/snapshot/guardrail.ts';
import { type Observation, observed, unavailable } from '../../../shared/domain/snapshot/observation.ts';
import type { PodGroup } from '../../../shared/domain/snapshot/pod-group.ts';
import { type PodTemplate, TEMPLATE_KINDS } from '../../../shared/domain/snapshot/pod-template.ts';
import type { ClusterSnapshot, IsolationProof, KubernetesNode } from '../../../shared/domain/snapshot/snapshot.ts';
import { clusterId } from '../../../shared/local/estate/cluster-id.ts';
import { softwareOf } from '../../../shared/local/estate/images.ts';
import { admissionObjects } from '../../../shared/local/estate/kubernetes/admission-objects.ts';
import { bootIdOf, listedNamespaces, listedNodes, nodeLabels } from '../../../shared/local/estate/kubernetes/cluster-objects.ts';
import { type PlacedPod, placePods } from '../../../shared/local/estate/kubernetes/placement.ts';
import { kernelOf } from '../../../shared/local/estate/kubernetes/shell.ts';
import type { Estate, EstateCluster, EstateSubscription } from '../../../shared/local/estate/model.ts';

/**
 * The snapshot of a simulated cluster without any reading errors, taken from the estate itself and not over the
 * wire. It shows whether the planted faults are correct, independently of the adapters.
 */
export function snapshotOf(estate: Estate, subscription: EstateSubscription, cluster: EstateCluster, probed = false): ClusterSnapshot {
  const { name, resourceGroup, location, tags } = cluster;
  const isDenied = cluster.denied?.includes('get managedclusters') === true;
  const azure = <T>(value: T): Observation<T> => (isDenied ? unavailable('denied', 'Azure does not tell of it.') : observed(value));
  const kubernetes = <T>(value: T): Observation<T> => {
    if (isDenied) return unavailable('denied', 'Azure does not tell of it.');
    if (cluster.powerState === 'Stopped') return unavailable('stopped', 'The cluster is stopped.');
    if (cluster.network === 'private') return unavailable('unreachable', 'The API server cannot be reached.');
    if (!cluster.entraId) return unavailable('not-entra-integrated', 'The cluster has no Entra ID integration.');
    return observed(value);
  };
  return {
    schemaVersion: 1,
    cluster: {
      id: clusterId(subscription.id, cluster).toLowerCase(),
      name,
      subscriptionId: subscription.id,
      resourceGroup,
      location,
      tags,
    },
    observedAt: estate.now,
    settings: azure({
      kubernetesVersion: cluster.kubernetesVersion,
      powerState: cluster.powerState,
      provisioningState: cluster.provisioningState,
      privateCluster: cluster.network === 'private',
      entraIntegrated: cluster.entraId,
      azureRbac: cluster.entraId,
      localAccountsDisabled: cluster.entraId,
      upgradeChannel: 'patch',
      nodeOsUpgradeChannel: cluster.nodeOsUpgradeChannel,
      nodeProvisioning: cluster.nodeProvisioning,
    }),
    nodePools: azure(
      cluster.nodePools.map(({ workloadRuntime, snapshotId, enableFips = false, latestNodeImageVersion: _, ...pool }) => ({
        ...pool,
        count: cluster.nodes.filter(({ nodePool }) => nodePool === pool.name).length,
        kubernetesVersion: cluster.kubernetesVersion,
        enableFips,
        secureBoot: false,
        vtpm: false,
        ...(workloadRuntime === undefined ? {} : { workloadRuntime }),
        ...(snapshotId === undefined ? {} : { snapshotId }),
      })),
    ),
    latestImages: azure(
      cluster.nodePools.map(({ name: nodePool, latestNodeImageVersion }) => ({ nodePool, image: observed(latestNodeImageVersion) })),
    ),
    nodes: kubernetes(nodesOf(estate, cluster)),
    runtimeClasses: kubernetes(cluster.runtimeClasses.map(({ nodeSelector = {}, ...one }) => ({ nodeSelector, ...withoutUndefined(one) }))),
    namespaces: kubernetes(listedNamespaces(cluster)),
    workloads: kubernetes(groupsOf(cluster)),
    templates: kubernetes(templatesOf(cluster)),
    isolationProofs: probed || isDenied ? kubernetes(proofsOf(estate, cluster)) : unavailable('not-asked', 'The isolation probe is off.'),
    guardrails: kubernetes(guardrailsOf(cluster)),
  };
}

/** The templates that the API server returns for owners with pods outside a sandbox and for every CronJob; here, of all. */
function templatesOf({ workloads }: EstateCluster): PodTemplate[] {
  const own = workloads.filter(({ ownerGroup }) => ownerGroup === undefined);
  const newest = own.filter(
    ({ namespace, kind, name, revision }) =>
      !own.some((one) => one.namespace === namespace && one.kind === kind && one.name === name && one.revision > revision),
  );
  return newest.flatMap(({ namespace, kind, name, labels, runtimeClassName, templateClass = runtimeClassName, held }): PodTemplate[] => {
    const ownerKind = TEMPLATE_KINDS.find((one) => one === kind);
    if (ownerKind === undefined) return [];
    return [
      {
        namespace,
        ownerKind,
        ownerName: name,
        labels,
        ...(templateClass === undefined ? {} : { runtimeClassName: templateClass }),
        ...(held === undefined ? {} : held === 'quota' ? { refusal: 'exceeded quota' } : { held }),
      },
    ];
  });
}

function guardrailsOf(cluster: EstateCluster): Guardrail[] {
  const objects = admissionObjects(cluster);
  if (objects === undefined) return [];
  const { policy, binding } = objects;
  const { name, annotations } = policy.metadata;
  return [
    {
      name,
      kind: 'validating',
      digest: guardrailDigest(policy.spec),
      origin: JSON.parse(annotations[ORIGIN] ?? ''),
      bindings: [{ name, actions: binding.spec.validationActions, narrowed: cluster.guardrail === 'narrowed' }],
    },
  ];
}

function withoutUndefined({ name, handler, overheadMemory, createdAt }: EstateCluster['runtimeClasses'][number]) {
  return {
    name,
    handler,
    ...(overheadMemory === undefined ? {} : { overheadMemory }),
    ...(createdAt === undefined ? {} : { createdAt }),
  };
}

function nodesOf(estate: Estate, cluster: EstateCluster): KubernetesNode[] {
  const listsHandlers = Number(cluster.kubernetesVersion.split('.')[1]) >= 30;
  return listedNodes(cluster).map((node) => {
    const { osImage, kernelVersion, containerRuntimeVersion, handlers } = softwareOf(node.nodeImageVersion);
    return {
      name: node.name,
      ...(node.nodePool === undefined ? {} : { nodePool: node.nodePool }),
      provisioner: node.nodePool === undefined ? 'karpenter' : 'agent-pool',
      ready: node.ready,
      ...(listsHandlers ? { runtimeHandlers: handlers } : {}),
      labels: nodeLabels(node, cluster),
      nodeImageVersion: node.nodeImageVersion,
      kernelVersion,
      bootId: bootIdOf(estate.seed, cluster.name, node.name),
      osImage,
      containerRuntimeVersion,
      kubeletVersion: `v${cluster.kubernetesVersion}`,
      unschedulable: node.unschedulable === true,
      ...(node.taints === undefined ? {} : { taints: node.taints }),
    };
  });
}

/** A cluster is scanned with and without a probe, and its pods stay the same. */
const placed = new WeakMap<EstateCluster, readonly PlacedPod[]>();
const grouped = new WeakMap<EstateCluster, readonly PodGroup[]>();

function podsOf(cluster: EstateCluster): readonly PlacedPod[] {
  const pods = placed.get(cluster) ?? placePods(cluster);
  placed.set(cluster, pods);
  return pods;
}

function groupsOf(cluster: EstateCluster): readonly PodGroup[] {
  const groups = grouped.get(cluster) ?? groupsAmong(podsOf(cluster));
  grouped.set(cluster, groups);
  return groups;
}

function groupsAmong(pods: readonly PlacedPod[]): PodGroup[] {
  return [...Map.groupBy(pods, ({ workload }) => workload).values()].flatMap((members) => {
    const [first] = members;
    return first === undefined ? [] : [groupOf(members, first)];
  });
}

function groupOf(members: readonly PlacedPod[], { workload, runtimeClass }: PlacedPod): PodGroup {
  const count = (test: (pod: PlacedPod) => boolean) => members.filter(test).length;
  const all = (flag: boolean) => (flag ? members.length : 0);
  const handler = workload.runtimeClassName === undefined ? '' : runtimeClass?.handler;
  const isLate = ({ node }: PlacedPod) => node?.isLate === true;
  const lists = ({ node }: PlacedPod) =>
    node !== undefined && node.isLate !== true && handler !== undefined && softwareOf(node.nodeImageVersion).handlers.includes(handler);
  const { runtimeClassName, namespace, kind, name, labels, memoryLimit, ownerGroup, run, state, sidecar } = workload;
  const isSandbox = runtimeClass !== undefined && isSandboxHandler(runtimeClass.handler);
  const ownSelector = isSandbox || workload.nodePool === undefined ? undefined : { agentpool: workload.nodePool };
  const isFinished = state === 'succeeded' || state === 'failed';
  const pending = count(({ phase }) => phase === 'Pending');
  const waiting = state === 'gated' ? 0 : pending;
  return {
    namespace,
    ownerKind: kind,
    ownerName: name,
    ...(ownerGroup === undefined ? {} : { ownerGroup }),
    labels,
    ...(runtimeClassName === undefined ? {} : { runtimeClassName }),
    pods: members.length,
    phases: {
      pending,
      running: count(({ phase }) => phase === 'Running'),
      succeeded: count(({ phase }) => phase === 'Succeeded'),
      failed: count(({ phase }) => phase === 'Failed'),
      unknown: 0,
    },
    waiting,
    ...(isFinished && run !== undefined ? { lastRunAt: new Date(run * 60_000).toISOString() } : {}),
    ...(isFinished ? { lastEnded: { at: '2026-08-31T12:00:00.000Z', phase: state } } : {}),
    ...(runtimeClass?.createdAt === undefined ? {} : { olderThanClass: members.length }),
    ...(waiting === 0 ? {} : { oldestWaitingSince: '2026-08-31T12:00:00.000Z' }),
    placement: {
      unscheduled: count(({ node }) => node === undefined),
      handlerListed: count(lists),
      handlerMissing: handler === undefined ? 0 : count((pod) => pod.node !== undefined && !isLate(pod) && !lists(pod)),
      unknown: handler === undefined ? count(({ node }) => node !== undefined) : count(isLate),
      onKataNode: count(
        ({ node }) =>
          node !== undefined && node.isLate !== true && softwareOf(node.nodeImageVersion).handlers.some((one) => isSandboxHandler(one)),
      ),
    },
    ...(ownSelector === undefined ? {} : { nodeSelector: ownSelector }),
    features: {
      hostPath: all(workload.hostPath !== undefined),
      hostNetwork: all(workload.hostNetwork === true),
      hostPid: all(workload.hostPid === true),
      hostIpc: all(workload.hostIpc === true),
      privileged: all(workload.privileged === true),
      noMemoryLimit: all(memoryLimit === undefined || sidecar === true),
      noOverhead: all(runtimeClass?.overheadMemory === undefined),
      ...(workload.claim === undefined || workload.claim === 'disk' ? {} : { hostPathClaims: members.length }),
    },
    podsByNodePool: countBy(members.filter((pod) => !isLate(pod)).map(({ node }) => node?.nodePool ?? node?.karpenterNodePool ?? '-')),
    examples: members.slice(0, 5).map((pod) => ({ name: pod.name, ...(pod.node === undefined ? {} : { node: pod.node.name }) })),
  };
}

function countBy(names: readonly string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]));
}

/** The readings of a probe of every running sandboxed pod. */
function proofsOf(estate: Estate, cluster: EstateCluster): IsolationProof[] {
  return podsOf(cluster).flatMap(({ workload, node, phase, name, runtimeClass }): IsolationProof[] => {
    if (node === undefined || phase !== 'Running' || runtimeClass?.handler.startsWith('kata') !== true) return [];
    const { namespace, kind, name: ownerName, probe, ownerGroup } = workload;
    const sharesKernel = probe === 'shares-kernel';
    const kernel = kernelOf({ seed: estate.seed, cluster, namespace, pod: name, node, runtimeClass, sharesKernel });
    return [
      {
        namespace,
        pod: name,
        ownerKind: kind,
        ownerName,
        ...(ownerGroup === undefined ? {} : { ownerGroup }),
        node: node.name,
        runtimeClassName: runtimeClass.name,
        method: 'exec',
        at: estate.now,
        nodeBootId: bootIdOf(estate.seed, cluster.name, node.name),
        nodeKernel: softwareOf(node.nodeImageVersion).kernelVersion,
        result:
          probe === undefined || sharesKernel
            ? { state: 'read', bootId: kernel.bootId, kernel: kernel.release, kernelBuild: kernel.build }
            : { state: 'unknown', reason: `The pod's probe ${probe}.` },
      },
    ];
  });
}
