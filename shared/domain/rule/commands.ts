import type { Cluster } from '../snapshot/snapshot.ts';
import type { Subject } from '../snapshot/subject.ts';

/** One word of a shell command, quoted when a shell would read more than the word itself. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** An `az aks nodepool …` command for one pool; `undefined` for a cluster read without Azure. */
export function nodePoolCommand(cluster: Cluster, pool: string, verb: string, options = ''): string | undefined {
  if (!isAzure(cluster)) return undefined;
  return join(`az aks nodepool ${verb}`, group(cluster), `--cluster-name ${shellWord(cluster.name)} --name ${shellWord(pool)}`, options);
}

/** An `az aks …` command for one cluster; `undefined` for a cluster read without Azure. */
export function clusterCommand(cluster: Cluster, verb: string, options = ''): string | undefined {
  if (!isAzure(cluster)) return undefined;
  return join(`az aks ${verb}`, group(cluster), `--name ${shellWord(cluster.name)}`, options);
}

/** The `az aks nodepool add …` command for a Kata pool; `undefined` for a cluster read without Azure. */
export function addKataPoolCommand(cluster: Cluster, name: string, vmSize: string, count: number): string | undefined {
  const size = `--node-vm-size ${shellWord(vmSize)} --node-count ${Math.max(1, count)}`;
  return nodePoolCommand(cluster, name, 'add', `--os-sku AzureLinux --workload-runtime KataVmIsolation ${size}`);
}

/** A name for the pool that is to replace another one; AKS allows 12 characters. */
export function replacementName(name: string, taken: readonly string[]): string {
  const candidates = Array.from({ length: 98 }, (_, at) => `${name.slice(0, 10)}${at + 2}`);
  return candidates.find((candidate) => !taken.includes(candidate)) ?? 'kata';
}

/** A `kubectl …` command on an object of a namespace. */
export function kubectl(verb: string, namespace: string | undefined, ...words: readonly string[]): string {
  const scope = namespace === undefined ? '' : `--namespace ${shellWord(namespace)}`;
  return join(`kubectl ${verb}`, words.map(shellWord).join(' '), scope);
}

const PATCH = '{"spec":{"template":{"spec":{"runtimeClassName":"kata-vm-isolation"}}}}';
const PATCHABLE: readonly string[] = ['Deployment', 'StatefulSet', 'DaemonSet'];

/** The `kubectl patch …` command that gives a workload's pods the class of pod VMs; `undefined` for a kind whose pods keep their class. */
export function sandboxCommand({ namespace, ownerKind, ownerName }: Extract<Subject, { kind: 'workload' }>): string | undefined {
  if (!PATCHABLE.includes(ownerKind)) return undefined;
  return kubectl('patch', namespace, ownerKind.toLowerCase(), ownerName, '--patch', PATCH);
}

/** A judgement's remediation: the command in a sentence; nothing when there is no command. */
export function run(command: string | undefined, after = ''): { readonly remediation: string } | Record<string, never> {
  return command === undefined ? {} : { remediation: `Run \`${command}\`${after}.` };
}

function isAzure({ id }: Cluster): boolean {
  return id.startsWith('/subscriptions/');
}

function group({ subscriptionId, resourceGroup }: Cluster): string {
  return `--subscription ${shellWord(subscriptionId)} --resource-group ${shellWord(resourceGroup)}`;
}

function join(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}
