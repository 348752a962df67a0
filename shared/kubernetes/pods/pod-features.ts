import type { PodFeatures } from '../../domain/snapshot/pod-group.ts';
import { isZeroQuantity } from '../../domain/text/quantity.ts';
import { boundedName } from '../bounds.ts';
import type { WireContainer, WirePod } from '../wire/messages.ts';
import { type ClaimedVolumes, claimKey } from './fold-context.ts';

type Spec = NonNullable<WirePod['spec']>;

/** Tells `found` of everything that weakens or starves one pod's sandbox. */
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

/** The claims of a pod; that of an ephemeral volume is made for the pod. Source: kubernetes pkg/controller/volume/ephemeral, `<pod>-<volume>`. */
function claimsOf({ metadata, spec }: WirePod): readonly string[] {
  return (spec?.volumes ?? []).flatMap(({ name, volumeSource }) => {
    if (isThere(volumeSource?.persistentVolumeClaim)) return [volumeSource?.persistentVolumeClaim?.claimName ?? ''];
    return isThere(volumeSource?.ephemeral) ? [`${metadata?.name ?? ''}-${name ?? ''}`] : [];
  });
}

/** What is told of a claim; nothing where what lies behind it was seen to be elsewhere than on the node. */
function behindClaim(
  claim: string,
  { metadata, status }: WirePod,
  claims: ClaimedVolumes,
): 'claims' | 'claimsUnseen' | 'hostPathClaims' | undefined {
  if (claims === 'not allowed') return 'claims';
  if (claims === 'not seen') return 'claimsUnseen';
  const onNode = claims.get(claimKey(boundedName(metadata?.namespace), boundedName(claim)));
  // A pod runs only once its claims are bound: one that waits mounts nothing yet.
  if (onNode === undefined) return status?.phase === 'Pending' ? 'claims' : 'claimsUnseen';
  return onNode ? 'hostPathClaims' : undefined;
}

function isThere(source: object | null | undefined): boolean {
  return source !== null && source !== undefined;
}

function hasPrivileged({ containers, initContainers }: Spec): boolean {
  return (containers?.some(isPrivileged) || initContainers?.some(isPrivileged)) ?? false;
}

/** A debug container is put into a pod that runs, and is in no template. */
function hasPrivilegedDebug({ ephemeralContainers }: Spec): boolean {
  return ephemeralContainers?.some(({ ephemeralContainerCommon: common }) => common && isPrivileged(common)) ?? false;
}

function isPrivileged({ securityContext }: WireContainer): boolean {
  return securityContext?.privileged === true;
}

/**
 * A limit on the pod as a whole, or on every container that runs as long as the pod does: sidecars among
 * the init containers, but neither the other init containers nor debug containers, which can have no limit.
 */
function hasMemoryLimit({ resources, containers, initContainers }: Spec): boolean {
  if (isLimited({ resources })) return true;
  const sidecars = (initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...(containers ?? []), ...sidecars].every(isLimited);
}

/** A limit of zero is none. Source: kubernetes pkg/kubelet/kuberuntime, which sets a memory limit only above zero. */
function isLimited({ resources }: Pick<WireContainer, 'resources'>): boolean {
  const memory = resources?.limits?.memory;
  return memory !== undefined && !isZeroQuantity(memory.string ?? '');
}
