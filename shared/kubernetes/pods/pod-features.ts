import type { PodFeatures } from '../../domain/snapshot/pod-group.ts';
import { isZeroQuantity } from '../../domain/text/quantity.ts';
import { boundedName } from '../bounds.ts';
import type { WireContainer, WirePod } from '../wire/messages.ts';
import { type ClaimedVolumes, claimKey } from './fold-context.ts';

type Spec = NonNullable<WirePod['spec']>;

/** Calls `found` for each feature of a pod that weakens its sandbox or leaves it too little memory. */
export function findFeatures(pod: WirePod, claims: ClaimedVolumes, found: (feature: keyof PodFeatures) => void): void {
  const spec = pod.spec ?? {};
  if (spec.volumes?.some(({ volumeSource }) => isThere(volumeSource?.hostPath))) found('hostPath');
  if (spec.hostNetwork === true) found('hostNetwork');
  if (spec.hostPID === true) found('hostPid');
  if (spec.hostIPC === true) found('hostIpc');
  if (hasPrivileged(spec)) found('privileged');
  else if (hasPrivilegedDebug(spec)) found('privilegedDebug');
  if (!hasMemoryLimit(spec)) found('noMemoryLimit');
  if (spec.overhead?.memory === undefined) found('noOverhead');
  const behind = new Set(claimsOf(pod).map((claim) => behindClaim(claim, pod, claims)));
  for (const feature of behind) if (feature !== undefined) found(feature);
}

/**
 * Returns the claims of a pod; the claim of an ephemeral volume belongs to the pod. Source: kubernetes pkg/controller/volume/ephemeral,
 * `<pod>-<volume>`.
 */
function claimsOf({ metadata, spec }: WirePod): readonly string[] {
  return (spec?.volumes ?? []).flatMap(({ name, volumeSource }) => {
    if (isThere(volumeSource?.persistentVolumeClaim)) return [volumeSource?.persistentVolumeClaim?.claimName ?? ''];
    return isThere(volumeSource?.ephemeral) ? [`${metadata?.name ?? ''}-${name ?? ''}`] : [];
  });
}

/** Returns what to report about a claim; nothing if its volume is known not to be on the node. */
function behindClaim(
  claim: string,
  { metadata, status }: WirePod,
  claims: ClaimedVolumes,
): 'claims' | 'claimsUnseen' | 'hostPathClaims' | undefined {
  if (claims === 'not allowed') return 'claims';
  if (claims === 'not seen') return 'claimsUnseen';
  const onNode = claims.get(claimKey(boundedName(metadata?.namespace), boundedName(claim)));
  // A pod runs only after its claims are bound; a pending pod mounts nothing yet.
  if (onNode === undefined) return status?.phase === 'Pending' ? 'claims' : 'claimsUnseen';
  return onNode ? 'hostPathClaims' : undefined;
}

function isThere(source: object | null | undefined): boolean {
  return source !== null && source !== undefined;
}

function hasPrivileged({ containers, initContainers }: Spec): boolean {
  return (containers?.some(isPrivileged) || initContainers?.some(isPrivileged)) ?? false;
}

/** A debug container is added to a running pod and is in no template. */
function hasPrivilegedDebug({ ephemeralContainers }: Spec): boolean {
  return ephemeralContainers?.some(({ ephemeralContainerCommon: common }) => common && isPrivileged(common)) ?? false;
}

function isPrivileged({ securityContext }: WireContainer): boolean {
  return securityContext?.privileged === true;
}

/**
 * Whether the pod as a whole, or every container that runs as long as the pod, has a memory limit. Sidecars among the init containers
 * count; other init containers and debug containers, which can have no limit, do not.
 */
function hasMemoryLimit({ resources, containers, initContainers }: Spec): boolean {
  if (isLimited({ resources })) return true;
  const sidecars = (initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...(containers ?? []), ...sidecars].every(isLimited);
}

/** A limit of zero means no limit. Source: kubernetes pkg/kubelet/kuberuntime, which sets a memory limit only above zero. */
function isLimited({ resources }: Pick<WireContainer, 'resources'>): boolean {
  const memory = resources?.limits?.memory;
  return memory !== undefined && !isZeroQuantity(memory.string ?? '');
}
