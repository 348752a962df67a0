import { z } from 'zod';

const Labels = z.record(z.string(), z.string());
const Name = z.string().min(1).max(253);

const NodePoolSchema = z.object({
  name: Name,
  mode: z.enum(['System', 'User']),
  vmSize: z.string(),
  osType: z.enum(['Linux', 'Windows']),
  osSku: z.string(),
  /** Absent in ARM's answer if the pool was created without one; it is then an `OCIContainer` pool. */
  workloadRuntime: z.string().optional(),
  nodeImageVersion: z.string(),
  /** What the pool's upgrade profile offers. */
  latestNodeImageVersion: z.string(),
  provisioningState: z.string(),
  powerState: z.enum(['Running', 'Stopped']),
  enableFips: z.boolean().optional(),
  /** The node pool snapshot that the pool was created from and is pinned to. */
  snapshotId: z.string().optional(),
});

const NodeSchema = z.object({
  name: Name,
  /** The agent pool; absent on a node of NAP. */
  nodePool: z.string().optional(),
  /** The Karpenter node pool; absent on a node of an agent pool. */
  karpenterNodePool: z.string().optional(),
  /** The node's own label, which may differ from the pool's image in the middle of an upgrade. */
  nodeImageVersion: z.string(),
  ready: z.boolean(),
  unschedulable: z.boolean().optional(),
  /** Whether it was created between the list of nodes and the list of pods: pods name it, and the list of nodes does not contain it. */
  isLate: z.boolean().optional(),
  taints: z.array(z.object({ key: Name, value: z.string(), effect: z.enum(['NoSchedule', 'NoExecute', 'PreferNoSchedule']) })).optional(),
});

const RuntimeClassSchema = z.object({
  name: Name,
  handler: Name,
  nodeSelector: Labels.optional(),
  overheadMemory: z.string().optional(),
  /** If absent, it is as old as the pods. */
  createdAt: z.iso.datetime().optional(),
});

const NamespaceSchema = z.object({ name: Name, labels: Labels });

const WorkloadSchema = z.object({
  namespace: Name,
  kind: z.enum(['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Pod']),
  /** The API group of the owner; if absent, it is built into Kubernetes. */
  ownerGroup: Name.optional(),
  /** For a pod without a controller: the name of the Deployment that its creator entered as its owner. The API server accepts any text. */
  ownerText: z.string().optional(),
  /** For a CronJob: the minute at which its run was due, since 1970. */
  run: z.int().optional(),
  name: Name,
  /** Two entries with the same name and different revisions are a Deployment in the middle of a rollout. */
  revision: z.int().min(1),
  /** Number of pods; ignored for a DaemonSet, which has one pod on every node that it may run on. */
  replicas: z.int().min(0).max(1_000_000),
  labels: Labels,
  runtimeClassName: Name.optional(),
  /** The pods may run only on nodes of this agent pool. */
  nodePool: z.string().optional(),
  /** `gated` pods are held back by a scheduling gate. */
  state: z.enum(['running', 'image-pull', 'succeeded', 'failed', 'gated']),
  memoryLimit: z.string().optional(),
  hostPath: z.string().optional(),
  hostNetwork: z.boolean().optional(),
  hostPid: z.boolean().optional(),
  hostIpc: z.boolean().optional(),
  privileged: z.boolean().optional(),
  /** A sidecar without a memory limit runs beside the container. */
  sidecar: z.boolean().optional(),
  /** A volume behind a claim, and where it is. */
  claim: z.enum(['disk', 'host-path', 'local']).optional(),
  /** The class that its current pod template names, if no pod was created from it yet; if absent, the class of its pods. */
  templateClass: Name.optional(),
  /** Why no new pods are created: a setting of the user, or a quota. */
  held: z.enum(['paused', 'suspended', 'on-delete', 'partition', 'quota']).optional(),
  /** How its containers react to a probe; if absent, they run the command and show their real kernel. */
  probe: z.enum(['shares-kernel', 'no-tools', 'hangs', 'endless']).optional(),
});

const SubjectSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('cluster') }),
  z.object({ kind: z.enum(['node-pool', 'node', 'runtime-class']), name: Name }),
  z.object({ kind: z.literal('workload'), namespace: Name, ownerKind: Name, ownerName: Name, ownerGroup: Name.exactOptional() }),
]);

const PlantedFaultSchema = z.object({
  ruleId: Name,
  verdict: z.enum(['fail', 'unknown']),
  subject: SubjectSchema,
  /** Found only by an audit that probes every pod by exec, or whose policy turns every opt-in rule on. */
  when: z.enum(['probed', 'opted-in']).optional(),
});

const ClusterSchema = z.object({
  name: Name,
  resourceGroup: Name,
  location: Name,
  tags: Labels,
  kubernetesVersion: z.string().regex(/^\d+\.\d+\.\d+$/, 'expected a version such as 1.34.2'),
  powerState: z.enum(['Running', 'Stopped']),
  provisioningState: z.string(),
  /** `private` is unreachable: its kubeconfig names an address that refuses connections. */
  network: z.enum(['public', 'private']),
  /** Without Entra ID the kubeconfig carries a client certificate, and no bearer token is accepted. */
  entraId: z.boolean(),
  /** The API server throttles this number of first lists. */
  throttle: z.object({ requests: z.int().min(1), retryAfterSeconds: z.int().min(0) }).optional(),
  /** Whether it has a read-only lock: Azure refuses changes, and treats reading the cluster's credential as one. */
  locked: z.boolean().optional(),
  /**
   * What the calling identity may not do: `list pods`, `get pods/exec`, `create pods`; and, of Azure, `get managedclusters`, `get
   * upgradeprofiles`.
   */
  denied: z.array(z.string().regex(/^(get|list|create|delete) [a-z]+(\/[a-z]+)?$/)).optional(),
  /** What is wrong with its admission policy; if absent, the policy matches and denies. */
  guardrail: z.enum(['absent', 'warning', 'of-another-policy', 'narrowed']).optional(),
  /** The fate of created pods; by default, they run. */
  canaries: z.enum(['unschedulable', 'vanish']).optional(),
  nodeProvisioning: z.enum(['Manual', 'Auto']),
  nodeOsUpgradeChannel: z.enum(['None', 'Unmanaged', 'NodeImage', 'SecurityPatch']),
  /** In the form of Azure Resource Manager; if absent, the cluster has none. */
  maintenanceConfigurations: z.array(z.object({ name: Name, properties: z.record(z.string(), z.json()) })).optional(),
  /**
   * How Azure's answer differs from the usual one: changed fields by their path (`properties.agentPoolProfiles.1.count`), and omitted
   * fields. Real answers are unusual in many ways, and an audit must handle each of them.
   */
  oddAnswer: z.object({ sets: z.record(z.string(), z.json()).optional(), omits: z.array(z.string()).optional() }).optional(),
  nodePools: z.array(NodePoolSchema),
  nodes: z.array(NodeSchema),
  runtimeClasses: z.array(RuntimeClassSchema),
  namespaces: z.array(NamespaceSchema),
  /** Namespaces that were created between the list of namespaces and the list of pods; the list of namespaces does not contain them. */
  lateNamespaces: z.array(Name).optional(),
  workloads: z.array(WorkloadSchema),
  /** What an audit must find here: written by hand, never computed. */
  plantedFaults: z.array(PlantedFaultSchema).default([]),
});

const SubscriptionSchema = z.object({
  id: z.guid(),
  name: Name,
  managementGroup: Name,
  clusters: z.array(ClusterSchema),
  /** Entries of its list of clusters that are not clusters. */
  oddEntries: z.array(z.json()).optional(),
});

const EstateSchema = z
  .object({ seed: z.string(), now: z.iso.datetime(), subscriptions: z.array(SubscriptionSchema) })
  .superRefine((estate, context) => {
    const complain = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    assertUnique(
      estate.subscriptions.map(({ id }) => id.toLowerCase()),
      (id) => complain(['subscriptions'], `two subscriptions have the id ${id}`),
    );
    const names = estate.subscriptions.flatMap(({ clusters }) => clusters.map(({ name }) => name));
    assertUnique(names, (name) => complain(['subscriptions'], `two clusters have the name ${name}; expected names unique in the estate`));
    estate.subscriptions.forEach(({ clusters }, at) => {
      clusters.forEach((cluster, clusterAt) => {
        checkCluster(cluster, (path, message) => complain(['subscriptions', at, 'clusters', clusterAt, ...path], message));
      });
    });
  });

type Complain = (path: (string | number)[], message: string) => void;

function checkCluster(cluster: z.infer<typeof ClusterSchema>, complain: Complain): void {
  const unique = (path: 'nodePools' | 'nodes' | 'runtimeClasses' | 'namespaces') => {
    const names: readonly string[] = cluster[path].map(({ name }) => name);
    assertUnique(names, (name) => complain([path], `the name ${name} appears twice`));
  };
  unique('nodePools');
  unique('nodes');
  unique('runtimeClasses');
  unique('namespaces');
  assertUnique(
    cluster.workloads.map(({ namespace, kind, name, revision }) => `${namespace}/${kind}/${name} revision ${revision}`),
    (key) => complain(['workloads'], `the workload ${key} appears twice`),
  );
  const pools = new Set(cluster.nodePools.map(({ name }) => name));
  const namespaces = new Set(cluster.namespaces.map(({ name }) => name));
  cluster.nodes.forEach(({ nodePool }, at) => {
    if (nodePool !== undefined && !pools.has(nodePool)) complain(['nodes', at, 'nodePool'], `no node pool is named ${nodePool}`);
  });
  cluster.workloads.forEach(({ namespace, nodePool }, at) => {
    if (!namespaces.has(namespace)) complain(['workloads', at, 'namespace'], `no namespace is named ${namespace}`);
    if (nodePool !== undefined && !pools.has(nodePool)) complain(['workloads', at, 'nodePool'], `no node pool is named ${nodePool}`);
  });
}

function assertUnique(names: readonly string[], complain: (name: string) => void): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) complain(name);
    seen.add(name);
  }
}

/** A complete simulated estate as one plain JSON value, from which every simulated server answers. */
export type Estate = z.infer<typeof EstateSchema>;
/** One subscription of a simulated estate. */
export type EstateSubscription = z.infer<typeof SubscriptionSchema>;
/** One cluster of a simulated estate, as Azure and as Kubernetes show it. */
export type EstateCluster = z.infer<typeof ClusterSchema>;
/** One node pool of a simulated cluster. */
export type EstateNodePool = z.infer<typeof NodePoolSchema>;
/** One node of a simulated cluster; what follows from its image is not repeated here. */
export type EstateNode = z.infer<typeof NodeSchema>;
/** One RuntimeClass of a simulated cluster. */
export type EstateRuntimeClass = z.infer<typeof RuntimeClassSchema>;
/** Pods that share a template; the pods themselves are created when a server is asked for them. */
export type EstateWorkload = z.infer<typeof WorkloadSchema>;

/** One verdict that an audit of a simulated cluster must give. */
export type EstatePlantedFault = z.infer<typeof PlantedFaultSchema>;

/** Checks a value; throws one error that lists everything wrong with it. `source` names it in the error. */
export function checkEstate(value: unknown, source: string): Estate {
  const result = EstateSchema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `  ${path.length === 0 ? '(the whole)' : path.join('.')}: ${message}`);
  throw new Error(`${source} is not an estate:\n${problems.join('\n')}`);
}

/** Reads an estate from JSON text; throws one error that lists everything wrong with it. */
export function parseEstate(text: string, source: string): Estate {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${source} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  return checkEstate(value, source);
}

/** Finds a cluster by its name, which is unique in an estate; throws when there is none. */
export function clusterNamed(estate: Estate, name: string): EstateCluster {
  const clusters = estate.subscriptions.flatMap((subscription) => subscription.clusters);
  const found = clusters.find((cluster) => cluster.name === name);
  if (found === undefined) {
    throw new Error(`The estate has no cluster named ${name}; it has ${clusters.map((cluster) => cluster.name).join(', ')}.`);
  }
  return found;
}
