import { z } from 'zod';
import { FAULT_CODES } from './fault.ts';
import { GUARDRAILS_NOT_ASKED } from './guardrail.ts';
import { COVERAGE_SCHEMA } from './observation-schema.ts';
import type { PodFeatures, PodMark } from './pod-group.ts';
import { TEMPLATE_KINDS, TEMPLATES_NOT_ASKED } from './pod-template.ts';
import { schemaOf } from './schema-of.ts';
import type { Cluster, ClusterSettings, ClusterSnapshot } from './snapshot.ts';

const text = z.string();
const count = z.int().min(0);
const instant = z.iso.datetime();
const labels = z.record(text, text);
const unread = z
  .array(z.object({ of: text, field: text, problem: text }))
  .exactOptional()
  .describe("Fields of Azure's answer that could not be read.");

function part<T extends z.ZodType>(value: T) {
  const reason = z.object({ code: z.enum(FAULT_CODES), message: text });
  return z.discriminatedUnion('state', [
    z.object({ state: z.literal('observed'), value, coverage: COVERAGE_SCHEMA }),
    z.object({ state: z.literal('unavailable'), reason }),
  ]);
}

/** The schema of a cluster. */
export const CLUSTER_SCHEMA = schemaOf<Cluster>()(
  z.object({ id: text, name: text, subscriptionId: text, resourceGroup: text, location: text, tags: labels, unread }),
);

const maintenanceWindow = { from: instant, until: instant };
const plannedUpgrade = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('planned'),
    configuration: text,
    channel: text,
    ...maintenanceWindow,
    last: z.object(maintenanceWindow).exactOptional().describe('The window before it.'),
  }),
  z.object({ state: z.literal('unplanned'), why: text, ambiguous: z.literal(true).exactOptional() }),
]);

/** The schema of a cluster's settings. */
export const SETTINGS_SCHEMA = schemaOf<ClusterSettings>()(
  z.object({
    kubernetesVersion: text.exactOptional(),
    powerState: text,
    provisioningState: text.exactOptional(),
    privateCluster: z.boolean().exactOptional(),
    publicFqdn: z.boolean().exactOptional(),
    entraIntegrated: z.boolean().exactOptional(),
    azureRbac: z.boolean().exactOptional(),
    localAccountsDisabled: z.boolean().exactOptional(),
    upgradeChannel: text.exactOptional(),
    nodeOsUpgradeChannel: text.exactOptional(),
    nodeProvisioning: text.exactOptional(),
    plannedUpgrade: part(plannedUpgrade).exactOptional().describe('Read only when the image of a node pool lags.'),
    supportNotice: z.object({ state: z.enum(['ending', 'ended']), at: instant, kubernetesVersion: text.exactOptional() }).exactOptional(),
    fqdn: text.exactOptional(),
    privateFqdn: text.exactOptional(),
    resourceUid: text.exactOptional().describe("Azure's unique id of this cluster, independent of its name."),
    unread,
  }),
);

const nodePool = z.object({
  name: text,
  mode: text.exactOptional(),
  count: count.exactOptional(),
  vmSize: text.exactOptional(),
  vmSizes: z.array(text).exactOptional(),
  osType: text.exactOptional(),
  osSku: text.exactOptional(),
  workloadRuntime: text.exactOptional(),
  nodeImageVersion: text.exactOptional(),
  kubernetesVersion: text.exactOptional(),
  provisioningState: text.exactOptional(),
  powerState: text.exactOptional(),
  enableFips: z.boolean().exactOptional(),
  secureBoot: z.boolean().exactOptional(),
  vtpm: z.boolean().exactOptional(),
  nodeTaints: z.array(text).exactOptional(),
  snapshotId: text.exactOptional(),
  inTransition: z.boolean().exactOptional(),
  rollFailedAt: instant.exactOptional(),
  unread,
});

const taint = { key: text, value: text, effect: text };

const node = z.object({
  name: text,
  nodePool: text.exactOptional(),
  provisioner: z.enum(['agent-pool', 'karpenter', 'other']),
  ready: z.boolean(),
  runtimeHandlers: z.array(text).exactOptional(),
  labels,
  nodeImageVersion: text.exactOptional(),
  kernelVersion: text,
  bootId: text,
  osImage: text,
  containerRuntimeVersion: text,
  kubeletVersion: text,
  unschedulable: z.boolean(),
  taints: z.array(z.object(taint)).exactOptional(),
});

const runtimeClass = z.object({
  name: text,
  handler: text,
  nodeSelector: labels,
  overheadMemory: text.exactOptional(),
  tolerations: z.array(z.object({ ...taint, operator: text })).exactOptional(),
  createdAt: instant.exactOptional(),
});

const features = {
  hostPath: count,
  hostNetwork: count,
  hostPid: count,
  hostIpc: count,
  privileged: count,
  privilegedDebug: count.exactOptional(),
  noMemoryLimit: count,
  noOverhead: count,
  claims: count.exactOptional(),
  claimsUnseen: count.exactOptional(),
  hostPathClaims: count.exactOptional(),
} satisfies Record<keyof PodFeatures, z.ZodType>;
const names = z.array(text).exactOptional();
const marked = {
  hostPath: names,
  hostNetwork: names,
  hostPid: names,
  hostIpc: names,
  privileged: names,
  privilegedDebug: names,
  noMemoryLimit: names,
  noOverhead: names,
  claims: names,
  claimsUnseen: names,
  hostPathClaims: names,
  waiting: names,
  handlerMissing: names,
  onKataNode: names,
  olderThanClass: names,
} satisfies Record<PodMark, z.ZodType>;

const owner = { ownerKind: text, ownerName: text, ownerGroup: text.exactOptional() };

const podGroup = z.object({
  namespace: text,
  ...owner,
  labels,
  labelsCut: count.exactOptional(),
  runtimeClassName: text.exactOptional(),
  pods: count,
  phases: z.object({ pending: count, running: count, succeeded: count, failed: count, unknown: count }),
  oldestWaitingSince: instant.exactOptional(),
  waiting: count,
  waitingReason: text.exactOptional(),
  gated: count.exactOptional(),
  oldestCreatedAt: instant.exactOptional(),
  newestCreatedAt: instant.exactOptional(),
  olderThanClass: count.exactOptional(),
  lastRunAt: instant.exactOptional(),
  lastEnded: z.object({ at: instant, phase: z.enum(['succeeded', 'failed']) }).exactOptional(),
  placement: z.object({ unscheduled: count, handlerListed: count, handlerMissing: count, unknown: count, onKataNode: count }),
  features: z.object(features),
  selectorMissing: count.exactOptional(),
  nodeSelector: labels.exactOptional(),
  tolerates: z.array(text).exactOptional(),
  podsByNodePool: z.record(text, count),
  examples: z.array(z.object({ name: text, node: text.exactOptional() })),
  marked: z.object(marked).exactOptional(),
});

const proof = z.object({
  namespace: text,
  pod: text,
  ...owner,
  node: text,
  nodePool: text.exactOptional(),
  nodeImageVersion: text.exactOptional(),
  runtimeClassName: text.exactOptional(),
  method: z.enum(['exec', 'canary']),
  at: instant,
  nodeBootId: text,
  nodeKernel: text,
  result: z.discriminatedUnion('state', [
    z.object({ state: z.literal('read'), bootId: text, kernel: text.exactOptional(), kernelBuild: text.exactOptional() }),
    z.object({ state: z.literal('unknown'), reason: text }),
  ]),
});

const template = z.object({
  namespace: text,
  ownerKind: z.enum(TEMPLATE_KINDS),
  ownerName: text,
  labels,
  labelsCut: count.exactOptional(),
  runtimeClassName: text.exactOptional(),
  nodeSelector: labels.exactOptional(),
  hostNamespaces: z.array(z.enum(['hostNetwork', 'hostPid', 'hostIpc'])).exactOptional(),
  held: z.enum(['paused', 'suspended', 'on-delete', 'partition']).exactOptional(),
  refusal: text.exactOptional(),
});

const guardrail = z.object({
  name: text,
  kind: z.enum(['validating', 'mutating']),
  digest: text,
  origin: z
    .object({ classes: z.array(z.object({ name: text, handler: text })), rules: z.array(text), daemonSets: z.boolean() })
    .exactOptional(),
  bindings: z.array(z.object({ name: text, actions: z.array(text), narrowed: z.boolean() })),
});

const knownImages = z.object({
  kernels: z.array(z.object({ nodeImageVersion: text, guestKernel: text, nodeKernel: text, kataVersion: text })),
  newest: z.array(text),
  vulnerabilities: z.array(z.object({ nodeImageVersion: text, ids: z.array(text) })).exactOptional(),
  vulnerabilityProblem: text.exactOptional(),
});

/** The complete schema of a pushed snapshot. Fields that this version does not know are dropped. */
export const SNAPSHOT_SCHEMA = schemaOf<ClusterSnapshot>()(
  z.object({
    schemaVersion: z.literal(1),
    cluster: CLUSTER_SCHEMA,
    observedAt: instant,
    settings: part(SETTINGS_SCHEMA),
    nodePools: part(z.array(nodePool)),
    latestImages: part(z.array(z.object({ nodePool: text, image: part(text) }))),
    nodes: part(z.array(node)),
    runtimeClasses: part(z.array(runtimeClass)),
    namespaces: part(z.array(z.object({ name: text, labels, labelsCut: count.exactOptional() }))),
    workloads: part(z.array(podGroup)),
    templates: part(z.array(template)).default(TEMPLATES_NOT_ASKED),
    isolationProofs: part(z.array(proof)),
    guardrails: part(z.array(guardrail)).default(GUARDRAILS_NOT_ASKED),
    acceptedHandlers: z.array(text).exactOptional(),
    knownImages: knownImages.exactOptional(),
  }),
);
