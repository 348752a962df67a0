import { given } from '../snapshot/given.ts';
import type { RuntimeClass } from '../snapshot/snapshot.ts';

/** RuntimeClass that AKS installs for Pod Sandboxing. */
export const KATA_CLASS = 'kata-vm-isolation';
/** Name of that RuntimeClass in the Pod Sandboxing preview. */
export const LEGACY_KATA_CLASS = 'kata-mshv-vm-isolation';
/** RuntimeClass of Confidential Containers, which AKS no longer offers. */
export const CONFIDENTIAL_CLASS = 'kata-cc-isolation';
/** Names of all AKS RuntimeClasses that start pod VMs. */
export const AKS_KATA_CLASSES: readonly string[] = [KATA_CLASS, LEGACY_KATA_CLASS, CONFIDENTIAL_CLASS];

/** The classes that AKS installs. Source: learn.microsoft.com/azure/aks/use-pod-sandboxing and considerations-pod-sandboxing. */
const AKS_CLASSES: readonly RuntimeClass[] = [
  aksClass(KATA_CLASS, 'kata', '600Mi'),
  aksClass(LEGACY_KATA_CLASS, 'kata'),
  aksClass(CONFIDENTIAL_CLASS, 'kata-cc'),
  { name: 'runc', handler: 'runc', nodeSelector: {} },
];

function aksClass(name: string, handler: string, overheadMemory?: string): RuntimeClass {
  const nodeSelector = { [`kubernetes.azure.com/${name}`]: 'true' };
  return { name, handler, nodeSelector, ...given({ overheadMemory }) };
}

/** The classes that a cluster will have: those in the manifests, and AKS's classes unless a manifest has the same name. */
export function withAksClasses(own: readonly RuntimeClass[]): readonly RuntimeClass[] {
  return [...new Map([...AKS_CLASSES, ...own].map((one) => [one.name, one])).values()];
}
