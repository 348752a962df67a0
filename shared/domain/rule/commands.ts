import type { Cluster } from '../snapshot/snapshot.ts';
import { commandLine } from '../text/shell-word.ts';
import type { Command } from './command.ts';
import { clusterName, contextName, groupName, namespaceName, poolName, subscriptionId, vmSize } from './command-words.ts';

/** An `az aks …` command for one cluster; empty for a cluster read without Azure. */
export function clusterCommand(cluster: Cluster, verb: string, ...options: readonly string[]): readonly Command[] {
  return azCommand(cluster, ['aks', verb], ['--name', clusterName(cluster.name), ...options]);
}

/** An `az aks nodepool …` command for one pool; empty for a cluster read without Azure. */
export function nodePoolCommand(
  cluster: Cluster,
  pool: string,
  verb: string,
  ...options: readonly (string | undefined)[]
): readonly Command[] {
  const which = ['--cluster-name', clusterName(cluster.name), '--name', poolName(pool)];
  return azCommand(cluster, ['aks', 'nodepool', verb], [...which, ...options]);
}

/**
 * The `az aks nodepool add …` command for a Kata pool; empty for a cluster read without Azure, or if its machines are not known
 * to have one size.
 */
export function addKataPoolCommand(cluster: Cluster, name: string, size: string | undefined, count = 1): readonly Command[] {
  if (size === undefined) return [];
  const machines = ['--node-vm-size', vmSize(size), '--node-count', String(Math.max(1, count))];
  return nodePoolCommand(cluster, name, 'add', '--os-sku', 'AzureLinux', '--workload-runtime', 'KataVmIsolation', ...machines);
}

/** The commands that replace a pool with a Kata pool: the new pool is added first, and the old one is deleted last. */
export function replacePoolCommands(
  cluster: Cluster,
  old: { readonly name: string; readonly vmSize?: string; readonly count?: number },
  taken: readonly string[],
): readonly Command[] {
  const add = addKataPoolCommand(cluster, replacementName(old.name, taken), old.vmSize, old.count);
  return add.length === 0 ? [] : [...add, ...nodePoolCommand(cluster, old.name, 'delete')];
}

/** A name for the replacement pool; AKS allows 12 characters. */
export function replacementName(name: string, taken: readonly string[]): string {
  const candidates = Array.from({ length: 98 }, (_, at) => `${name.slice(0, 10)}${at + 2}`);
  return candidates.find((candidate) => !taken.includes(candidate)) ?? 'kata';
}

/** One call of kubectl, not yet tied to a cluster. If a word is `undefined`, a name was invalid and no command is given. */
export interface KubectlCall {
  /** One word, or two where kubectl takes two: `rollout resume`. */
  readonly verb: string;
  /** Absent for cluster-scoped objects. */
  readonly namespace?: string;
  readonly options?: readonly string[];
  readonly objects: readonly (string | undefined)[];
}

/**
 * Commands on the objects of one cluster, each with its context. For an Azure cluster, the command that creates the context comes
 * first.
 */
export function kubectlCommands(cluster: Cluster, ...calls: readonly KubectlCall[]): readonly Command[] {
  const context = contextName(cluster.name);
  const login = isAzure(cluster) ? clusterCommand(cluster, 'get-credentials') : [];
  if (context === undefined || (isAzure(cluster) && login.length === 0)) return [];
  const commands = calls.map((call) => kubectlCommand(context, call));
  // Later commands depend on earlier ones, so an incomplete list is dropped.
  return commands.length === 0 || commands.some((one) => one.length === 0) ? [] : [...login, ...commands.flat()];
}

/** The command that writes the policy's guardrail from the classes of one cluster and applies it there. */
export function guardrailCommands(cluster: Cluster, ...options: readonly string[]): readonly Command[] {
  const context = contextName(cluster.name);
  const login = isAzure(cluster) ? clusterCommand(cluster, 'get-credentials') : [];
  const parts = [
    commandLine(['kubectl', 'get', '--context', context, '--output', 'yaml', '--', 'runtimeclasses.node.k8s.io']),
    commandLine(['kataudit', 'policy', 'guardrail', '--policy', 'policy.yaml', '--classes', '-', ...options]),
    commandLine(['kubectl', 'apply', '--context', context, '--filename', '-']),
  ];
  if (context === undefined || parts.includes(undefined) || (isAzure(cluster) && login.length === 0)) return [];
  return [...login, { run: parts.join(' | '), deletes: false, context }];
}

function kubectlCommand(context: string, { verb, namespace, options = [], objects }: KubectlCall): readonly Command[] {
  const where = namespace === undefined ? [] : ['--namespace', namespaceName(namespace)];
  const run = commandLine(['kubectl', ...verb.split(' '), '--context', context, ...where, ...options, '--', ...objects]);
  return run === undefined ? [] : [{ run, deletes: DELETING.includes(verb), context }];
}

/** Verbs that remove something without restoring it. */
const DELETING: readonly string[] = ['delete', 'drain'];

function azCommand(cluster: Cluster, verbs: readonly string[], rest: readonly (string | undefined)[]): readonly Command[] {
  if (!isAzure(cluster)) return [];
  const group = ['--subscription', subscriptionId(cluster.subscriptionId), '--resource-group', groupName(cluster.resourceGroup)];
  const run = commandLine(['az', ...verbs, ...group, ...rest]);
  return run === undefined ? [] : [{ run, deletes: verbs.some((verb) => DELETING.includes(verb)) }];
}

function isAzure({ id }: Cluster): boolean {
  return id.startsWith('/subscriptions/');
}
