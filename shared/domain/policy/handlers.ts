import { matchesGlobs } from './glob.ts';
import { KATA_HANDLERS, type Policy } from './policy.ts';

/**
 * What is known of a runtime handler. `aks`: AKS's node images have it, and it starts a pod VM.
 * `accepted`: the policy says that it counts. `starts-vm`: it is known to start a VM, and AKS does not
 * support it. `ordinary`: it is known to start none.
 */
export type HandlerKind = 'aks' | 'accepted' | 'starts-vm' | 'ordinary' | 'unknown';

/**
 * Handlers that kata-deploy and the Confidential Containers operator install, all of which start a VM;
 * `kata-remote` starts it as a machine of the cloud. Source: kata-containers tools/packaging/kata-deploy
 * (SHIMS), cloud-api-adaptor (kata-remote), edgelesssys/contrast nodeinstaller.
 */
const VM_HANDLERS: readonly string[] = [
  'kata-clh*',
  'kata-cloud-hypervisor*',
  'kata-dragonball*',
  'kata-fc*',
  'kata-qemu*',
  'kata-remote*',
  'kata-stratovirt*',
  'contrast-cc-*',
];

/**
 * Handlers that start ordinary containers.
 * Source: Azure/AgentBaker aks-node-controller/parser/templates (the empty name, runc, untrusted and katacli are all runc).
 */
const ORDINARY_HANDLERS: readonly string[] = ['', 'runc', 'untrusted', 'katacli', 'crun', 'nvidia'];

/** The handlers that some statement of a policy accepts: names or globs. */
export function acceptedHandlers({ workloads }: Pick<Policy, 'workloads'>): readonly string[] {
  return [...new Set(workloads.flatMap((one) => one.acceptedHandlers ?? []))];
}

/** What is known of a handler, under a policy that accepts some. */
export function handlerKind(handler: string, accepted: readonly string[] = []): HandlerKind {
  if (KATA_HANDLERS.includes(handler)) return 'aks';
  if (ORDINARY_HANDLERS.includes(handler)) return 'ordinary';
  if (matchesGlobs(handler, accepted)) return 'accepted';
  return matchesGlobs(handler, VM_HANDLERS) ? 'starts-vm' : 'unknown';
}

/** Whether pods of a handler count as sandboxed: it is one of AKS's that start a pod VM, or the policy accepts it. */
export function isSandboxHandler(handler: string, accepted: readonly string[] = []): boolean {
  const kind = handlerKind(handler, accepted);
  return kind === 'aks' || kind === 'accepted';
}

/** Whether some handlers, names or globs, include one. A glob never means an ordinary handler: only its name does. */
export function includesHandler(handlers: readonly string[], handler: string): boolean {
  return handlers.includes(handler) || (!ORDINARY_HANDLERS.includes(handler) && matchesGlobs(handler, handlers));
}
