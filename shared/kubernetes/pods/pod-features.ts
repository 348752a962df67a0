import type { PodFeatures } from '../../domain/snapshot/snapshot.ts';
import type { WireContainer, WirePod } from '../wire/messages.ts';

/** Counts to add to. */
export type Counts<T> = { -readonly [K in keyof T]: T[K] };

type Spec = NonNullable<WirePod['spec']>;

/** Adds what weakens or starves one pod's sandbox. */
export function countFeatures(features: Counts<PodFeatures>, spec: Spec): void {
  if (hasHostPath(spec)) features.hostPath += 1;
  if (spec.hostNetwork === true) features.hostNetwork += 1;
  if (spec.hostPID === true) features.hostPid += 1;
  if (spec.hostIPC === true) features.hostIpc += 1;
  if (hasPrivileged(spec)) features.privileged += 1;
  if (!hasMemoryLimit(spec)) features.noMemoryLimit += 1;
  if (spec.overhead?.memory === undefined) features.noOverhead += 1;
}

function hasHostPath({ volumes }: Spec): boolean {
  return volumes?.some(({ volumeSource }) => volumeSource?.hostPath !== null && volumeSource?.hostPath !== undefined) ?? false;
}

function hasPrivileged({ containers, initContainers, ephemeralContainers }: Spec): boolean {
  if (containers?.some(isPrivileged) || initContainers?.some(isPrivileged)) return true;
  return ephemeralContainers?.some(({ ephemeralContainerCommon: common }) => common && isPrivileged(common)) ?? false;
}

function isPrivileged({ securityContext }: WireContainer): boolean {
  return securityContext?.privileged === true;
}

/** A limit on the pod as a whole, or on every container of it; init containers are gone when the pod runs. */
function hasMemoryLimit({ resources, containers }: Spec): boolean {
  if (resources?.limits?.memory !== undefined) return true;
  return (containers ?? []).every((container) => container.resources?.limits?.memory !== undefined);
}
