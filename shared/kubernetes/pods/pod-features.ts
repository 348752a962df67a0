import type { PodFeatures } from '../../domain/snapshot/snapshot.ts';
import type { WireContainer, WirePod } from '../wire/messages.ts';

type Spec = NonNullable<WirePod['spec']>;

/** Tells `found` of everything that weakens or starves one pod's sandbox. */
export function findFeatures(spec: Spec, found: (feature: keyof PodFeatures) => void): void {
  if (hasVolume(spec, 'hostPath')) found('hostPath');
  if (spec.hostNetwork === true) found('hostNetwork');
  if (spec.hostPID === true) found('hostPid');
  if (spec.hostIPC === true) found('hostIpc');
  if (hasPrivileged(spec)) found('privileged');
  if (!hasMemoryLimit(spec)) found('noMemoryLimit');
  if (spec.overhead?.memory === undefined) found('noOverhead');
  if (hasVolume(spec, 'persistentVolumeClaim') || hasVolume(spec, 'ephemeral')) found('claims');
}

function hasVolume({ volumes }: Spec, source: 'hostPath' | 'persistentVolumeClaim' | 'ephemeral'): boolean {
  return volumes?.some(({ volumeSource }) => volumeSource?.[source] !== null && volumeSource?.[source] !== undefined) ?? false;
}

function hasPrivileged({ containers, initContainers, ephemeralContainers }: Spec): boolean {
  if (containers?.some(isPrivileged) || initContainers?.some(isPrivileged)) return true;
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
  if (resources?.limits?.memory !== undefined) return true;
  const sidecars = (initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...(containers ?? []), ...sidecars].every((container) => container.resources?.limits?.memory !== undefined);
}
