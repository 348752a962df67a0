import { matchesGlobs } from './glob.ts';
import { KATA_HANDLERS, type Policy } from './policy.ts';

/**
 * What is known about a runtime handler. `aks`: AKS's node images have it, and it starts a pod VM.
 * `accepted`: the policy accepts it. `starts-vm`: it starts a VM, but AKS does not
 * support it. `ordinary`: it starts no VM.
 */
export type HandlerKind = 'aks' | 'accepted' | 'starts-vm' | 'ordinary' | 'unknown';

/**
 * Handlers that kata-deploy and the Confidential Containers operator install. All start a VM;
 * `kata-remote` starts it as a VM of the cloud. Source: kata-containers tools/packaging/kata-deploy
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

/** The handlers that any statement of a policy accepts: names or globs. */
export function acceptedHandlers({ workloads }: Pick<Policy, 'workloads'>): readonly string[] {
  return [...new Set(workloads.flatMap((one) => one.acceptedHandlers ?? []))];
}

/** What is known about a handler, given the handlers that the policy accepts. */
export function handlerKind(handler: string, accepted: readonly string[] = []): HandlerKind {
  if (KATA_HANDLERS.includes(handler)) return 'aks';
  if (ORDINARY_HANDLERS.includes(handler)) return 'ordinary';
  if (matchesGlobs(handler, accepted)) return 'accepted';
  return matchesGlobs(handler, VM_HANDLERS) ? 'starts-vm' : 'unknown';
}

/** Whether pods of a handler count as sandboxed: AKS's handlers that start a pod VM, and those that the policy accepts. */
export function isSandboxHandler(handler: string, accepted: readonly string[] = []): boolean {
  const kind = handlerKind(handler, accepted);
  return kind === 'aks' || kind === 'accepted';
}

/** Whether names or globs include a handler. A glob never matches an ordinary handler; only its exact name does. */
export function includesHandler(handlers: readonly string[], handler: string): boolean {
  return handlers.includes(handler) || (!ORDINARY_HANDLERS.includes(handler) && matchesGlobs(handler, handlers));
}
