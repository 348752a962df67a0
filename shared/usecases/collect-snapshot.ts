import { isAksManaged, standsForWorkload } from '../domain/isolation/kata-evidence.ts';
import { outsideSandbox } from '../domain/isolation/outside-sandbox.ts';
import { podViolations } from '../domain/isolation/pod-violation.ts';
import { awaitsUpgrade, plannedUpgrade } from '../domain/maintenance/planned-upgrade.ts';
import { acceptedHandlers, isSandboxHandler } from '../domain/policy/handlers.ts';
import type { Policy } from '../domain/policy/policy.ts';
import { isRuleOn } from '../domain/policy/rule-setting.ts';
import { requiredNamespaces } from '../domain/policy/sandbox-requirement.ts';
import { Fault } from '../domain/snapshot/fault.ts';
import { given } from '../domain/snapshot/given.ts';
import { GUARDRAILS_NOT_ASKED } from '../domain/snapshot/guardrail.ts';
import { type Observation, observe, observed, observedValue, unavailable } from '../domain/snapshot/observation.ts';
import type { PodGroup } from '../domain/snapshot/pod-group.ts';
import { TEMPLATE_KINDS, TEMPLATES_NOT_ASKED, TEMPLATES_NOT_GIVEN, type TemplateOwner } from '../domain/snapshot/pod-template.ts';
import type { ClusterSettings, ClusterSnapshot, IsolationProof, LatestImage, RuntimeClass } from '../domain/snapshot/snapshot.ts';
import type { AzureEstate, ListedCluster } from '../ports/azure-estate.ts';
import type { ClaimedVolume, ClusterReader, ConnectCluster } from '../ports/cluster-reader.ts';
import type { IsolationProbe } from '../ports/isolation-probe.ts';
import { admissionGuardrail } from '../rules/admission-guardrail.ts';
import { workloadSandboxed } from '../rules/workload-sandboxed.ts';
import type { Attempt } from './attempt.ts';
import { type ImageSources, knownIn } from './known-images.ts';
import { type ProbeMode, probeCluster } from './probe-cluster.ts';

/** Dependencies for collecting the snapshot of a cluster. */
export interface CollectSnapshot extends ImageSources {
  readonly azure: Pick<AzureEstate, 'latestNodeImage'>;
  readonly maintenance: Pick<AzureEstate, 'maintenanceConfigurations'>;
  readonly connect: ConnectCluster;
  readonly probe: ClusterProbing;
}

/** Whether and how running pods are probed, and how to connect for it. */
export interface ClusterProbing {
  readonly mode: ProbeMode;
  readonly open: (listed: ListedCluster, abortSignal: AbortSignal) => Promise<IsolationProbe>;
}

type KubernetesParts = Pick<
  ClusterSnapshot,
  'nodes' | 'runtimeClasses' | 'namespaces' | 'workloads' | 'templates' | 'guardrails' | 'acceptedHandlers'
>;

/** Reads every part of a cluster. A part that could not be read says why; the other parts stay valid. */
export async function collectSnapshot(
  { azure, maintenance, connect, probe, images, vulnerabilities }: CollectSnapshot,
  listed: ListedCluster,
  attempt: Attempt,
  earlierProofs: readonly IsolationProof[] = [],
): Promise<ClusterSnapshot> {
  const { observedAt, abortSignal } = attempt;
  const [{ latestImages, settings }, kubernetes] = await Promise.all([
    readAzure({ azure, maintenance }, listed, attempt),
    readKubernetes(connect, listed, attempt),
  ]);
  const seen = { cluster: listed.cluster, observedAt, ...kubernetes };
  const probing = { mode: probe.mode, open: () => probe.open(listed, abortSignal) };
  return {
    schemaVersion: 1,
    cluster: listed.cluster,
    observedAt,
    settings: { state: 'observed', value: settings, coverage: { kind: 'full' } },
    nodePools: listed.nodePools,
    latestImages,
    ...kubernetes,
    ...(await knownIn({ images, vulnerabilities }, { nodePools: listed.nodePools, latestImages, nodes: kubernetes.nodes }, abortSignal)),
    isolationProofs: await probeCluster(probing, seen, attempt, earlierProofs),
  };
}

/** Reads from Azure what the listing does not contain; maintenance windows only if they can explain why a pool is behind. */
async function readAzure(
  { azure, maintenance }: Pick<CollectSnapshot, 'azure' | 'maintenance'>,
  listed: ListedCluster,
  { policy: { nodeImages }, observedAt, abortSignal }: Attempt,
): Promise<{ readonly latestImages: ClusterSnapshot['latestImages']; readonly settings: ClusterSettings }> {
  const { settings, nodePools } = listed;
  const latestImages = await readLatestImages(azure, listed, abortSignal);
  if (nodePools.state === 'unavailable' || latestImages.state === 'unavailable') return { latestImages, settings };
  if (!awaitsUpgrade(settings, nodePools.value, latestImages.value, nodeImages.graceDays)) return { latestImages, settings };
  const configurations = await observe(() => maintenance.maintenanceConfigurations(listed, abortSignal));
  const planned = configurations.state === 'observed' ? plannedUpgrade(settings, configurations.value, observedAt) : configurations;
  return { latestImages, settings: { ...settings, plannedUpgrade: planned } };
}

/** Pools are read one after another, because they share a cache and a call budget. Pools that AKS upgrades itself are skipped. */
async function readLatestImages(
  azure: CollectSnapshot['azure'],
  listed: ListedCluster,
  abortSignal: AbortSignal,
): Promise<ClusterSnapshot['latestImages']> {
  if (listed.nodePools.state === 'unavailable') return listed.nodePools;
  const images: LatestImage[] = [];
  for (const { name } of listed.nodePools.value.filter((pool) => !isAksManaged(pool))) {
    images.push({ nodePool: name, image: await observe(() => azure.latestNodeImage(listed, name, abortSignal)) });
  }
  return observed(images);
}

/** Reads the cluster's parts from its API server; also used for a cluster known only from a kubeconfig. */
export async function readKubernetes(connect: ConnectCluster, listed: ListedCluster, attempt: Attempt): Promise<KubernetesParts> {
  const { policy, observedAt, isLast, abortSignal } = attempt;
  let reader: ClusterReader;
  try {
    reader = await connect(listed, abortSignal);
  } catch (error) {
    // When Azure throttles, the queue retries later. Every other failure is about the cluster itself.
    if (!(error instanceof Fault) || (error.code === 'throttled' && !isLast)) throw error;
    const part = unavailable(error.code, error.message);
    return { nodes: part, runtimeClasses: part, namespaces: part, workloads: part, templates: TEMPLATES_NOT_ASKED, guardrails: part };
  }
  try {
    const classesRead = observe(() => reader.runtimeClasses(abortSignal));
    const [nodes, runtimeClasses, namespaces, volumes] = await Promise.all([
      observe(() => reader.nodes(abortSignal)),
      classesRead,
      observe(() => reader.namespaces(abortSignal)),
      classesRead.then((classes) => readVolumes(reader, policy, observedValue(classes), abortSignal)),
    ]);
    const reading = {
      nodes: observedValue(nodes),
      runtimeClasses: observedValue(runtimeClasses),
      pods: policy.pods,
      required: requiredNamespaces(policy, namespaces),
      seed: observedAt,
      violates: podViolations(policy, observedValue(runtimeClasses), namespaces),
      ...given({ volumes }),
      ...acceptedIn(policy),
    };
    // Workloads are read after nodes and RuntimeClasses, so pods are counted as they arrive and none is kept until its node is known.
    const podsRead = flatObserve(() => reader.workloads(reading, abortSignal));
    const [workloads, templates, guardrails] = await Promise.all([
      podsRead,
      podsRead.then((pods) => readTemplates(reader, attempt, { runtimeClasses, namespaces, workloads: pods })),
      isRuleOn(admissionGuardrail, policy) ? observe(() => reader.guardrails(abortSignal)) : GUARDRAILS_NOT_ASKED,
    ]);
    return { nodes, runtimeClasses, namespaces, workloads, templates, guardrails, ...acceptedIn(policy) };
  } finally {
    reader.close();
  }
}

/**
 * Reads the volumes behind the claims of sandboxed pods, where there can be any. The right is optional, so a missing right is not a gap.
 */
async function readVolumes(
  reader: ClusterReader,
  policy: Policy,
  runtimeClasses: readonly RuntimeClass[] | undefined,
  abortSignal: AbortSignal,
): Promise<Observation<readonly ClaimedVolume[]> | undefined> {
  const accepted = acceptedHandlers(policy);
  const hasSandboxes = runtimeClasses?.some(({ handler }) => isSandboxHandler(handler, accepted)) ?? false;
  return hasSandboxes ? observe(() => reader.volumes(abortSignal)) : undefined;
}

/**
 * Reads the pod templates of workloads whose pods are not sandboxed, and of CronJobs, which may have no pod. The right is optional, so a
 * missing right is not a gap.
 */
async function readTemplates(
  reader: ClusterReader,
  { policy, observedAt, abortSignal }: Attempt,
  { runtimeClasses, namespaces, workloads }: Pick<KubernetesParts, 'runtimeClasses' | 'namespaces' | 'workloads'>,
): Promise<KubernetesParts['templates']> {
  const isWanted = isRuleOn(workloadSandboxed, policy) && policy.workloads.length > 0;
  if (!isWanted || runtimeClasses.state === 'unavailable' || workloads.state === 'unavailable') return TEMPLATES_NOT_ASKED;
  const isOutside = outsideSandbox(policy, runtimeClasses.value, namespaces);
  const owners = workloads.value.filter((group) => isOutside(group) && standsForWorkload(group, observedAt)).flatMap(templateOwner);
  const asked = new Map(owners.map((owner) => [JSON.stringify(owner), owner]));
  const templates = await flatObserve(() => reader.templates([...asked.values()], policy.pods.maxWorkloads, abortSignal));
  return templates.state === 'unavailable' && templates.reason.code === 'denied' ? TEMPLATES_NOT_GIVEN : templates;
}

function templateOwner({ namespace, ownerKind: kind, ownerName, ownerGroup }: PodGroup): readonly TemplateOwner[] {
  const ownerKind = ownerGroup === undefined ? TEMPLATE_KINDS.find((one) => one === kind) : undefined;
  return ownerKind === undefined ? [] : [{ namespace, ownerKind, ownerName }];
}

/** The handlers that the policy accepts in addition to AKS's own, in the form of the snapshot. */
export function acceptedIn(policy: Policy): Pick<ClusterSnapshot, 'acceptedHandlers'> {
  const accepted = acceptedHandlers(policy);
  return accepted.length === 0 ? {} : { acceptedHandlers: accepted };
}

async function flatObserve<T>(look: () => Promise<Observation<T>>): Promise<Observation<T>> {
  const outer = await observe(look);
  return outer.state === 'observed' ? outer.value : outer;
}
