import { given } from '../snapshot/given.ts';
import type { RuntimeClass } from '../snapshot/snapshot.ts';

/** The classes that AKS installs. Source: learn.microsoft.com/azure/aks/use-pod-sandboxing and considerations-pod-sandboxing. */
const AKS_CLASSES: readonly RuntimeClass[] = [
  aksClass('kata-vm-isolation', 'kata', '600Mi'),
  aksClass('kata-mshv-vm-isolation', 'kata'),
  aksClass('kata-cc-isolation', 'kata-cc'),
  { name: 'runc', handler: 'runc', nodeSelector: {} },
];

function aksClass(name: string, handler: string, overheadMemory?: string): RuntimeClass {
  const nodeSelector = { [`kubernetes.azure.com/${name}`]: 'true' };
  return { name, handler, nodeSelector, ...given({ overheadMemory }) };
}

/** The classes that a cluster will have: those that manifests hold, and AKS's own where they hold none of that name. */
export function withAksClasses(own: readonly RuntimeClass[]): readonly RuntimeClass[] {
  return [...new Map([...AKS_CLASSES, ...own].map((one) => [one.name, one])).values()];
}
