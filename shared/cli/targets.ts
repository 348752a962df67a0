import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { azureOptions, type NotListed, openAzure } from '../compose/command-line/azure-cluster.ts';
import { collectKubeconfig, contextCluster, contextNames, type KubeconfigChoice } from '../compose/command-line/kubeconfig.ts';
import type { Policy } from '../domain/policy/policy.ts';
import { given } from '../domain/snapshot/given.ts';
import { isSubscriptionId, parseClusterId } from '../domain/snapshot/resource-id.ts';
import type { Cluster, ClusterSnapshot } from '../domain/snapshot/snapshot.ts';
import type { Surroundings } from './frame/surroundings.ts';
import { UsageError } from './frame/usage-error.ts';

/**
 * The options that select clusters: contexts of a kubeconfig, or clusters in Azure. Without options it is the current context.
 */
export interface ClusterOptions {
  readonly kubeconfig?: string;
  readonly context?: readonly string[];
  readonly allContexts?: boolean;
  readonly cluster?: readonly string[];
  readonly subscription?: readonly string[];
  readonly managementGroup?: readonly string[];
  /** Time limit for the scan of one cluster, in seconds. */
  readonly timeout: number;
}

/** A cluster that can be scanned; nothing has been read from it yet. */
export interface Target {
  readonly cluster: Cluster;
  look(): Promise<ClusterSnapshot>;
}

/** The clusters of a run, and the scopes that could not be listed. */
export interface Targets {
  readonly targets: readonly Target[];
  readonly notListed: readonly NotListed[];
  /** Whether the user named one cluster: a failure of its scan is then a failure of the command. */
  readonly isOne: boolean;
}

/** Throws one `UsageError` if the options select clusters in two ways, or name something that is not a cluster. */
export function checkClusterOptions({
  context = [],
  cluster = [],
  subscription = [],
  managementGroup = [],
  ...rest
}: ClusterOptions): void {
  const byFile = rest.kubeconfig !== undefined || context.length > 0 || rest.allContexts === true;
  if (byFile && cluster.length + subscription.length + managementGroup.length > 0) {
    throw new UsageError('Select clusters either by a kubeconfig (--kubeconfig, --context, --all-contexts) or through Azure, not both.');
  }
  if (rest.allContexts === true && context.length > 0) throw new UsageError('--all-contexts and --context cannot be combined.');
  const noCluster = cluster.find((id) => parseClusterId(id) === undefined);
  if (noCluster !== undefined) throw new UsageError(`--cluster must be the ARM id of an AKS cluster, not ${JSON.stringify(noCluster)}.`);
  const noSubscription = subscription.find((id) => !isSubscriptionId(id));
  if (noSubscription !== undefined) throw new UsageError(`--subscription must be a GUID, not ${JSON.stringify(noSubscription)}.`);
}

/** Finds the clusters that the options select; calls Azure only if they name something in Azure. */
export async function targetsOf(
  options: ClusterOptions,
  policy: Policy,
  here: Pick<Surroundings, 'env' | 'now' | 'canAsk'>,
): Promise<Targets> {
  checkClusterOptions(options);
  const { cluster = [], subscription = [], managementGroup = [] } = options;
  const isAzure = cluster.length + subscription.length + managementGroup.length > 0;
  return isAzure ? azureTargets(options, policy, here) : contextTargets(options, policy, here);
}

async function contextTargets(
  { kubeconfig, context = [], allContexts = false, timeout }: ClusterOptions,
  policy: Policy,
  here: Pick<Surroundings, 'env' | 'now' | 'canAsk'>,
): Promise<Targets> {
  if (kubeconfig === undefined) await checkUsualKubeconfig(here.env);
  const file = kubeconfigChoice(kubeconfig, undefined, timeout, here);
  const names = allContexts ? await contextNames(file) : context;
  if (allContexts && names.length === 0) throw new UsageError('The kubeconfig has no context.');
  const wanted = names.length === 0 ? [undefined] : [...new Set(names)];
  const targets = wanted.map((name) => ({
    cluster: contextCluster(name ?? 'current context'),
    look: () => collectKubeconfig(kubeconfigChoice(kubeconfig, name, timeout, here), policy, here.now()),
  }));
  return { targets, notListed: [], isOne: targets.length === 1 && !allContexts };
}

/** The selected kubeconfig and context, and what this process provides to reach the cluster. */
export function kubeconfigChoice(
  path: string | undefined,
  context: string | undefined,
  timeoutSeconds: number,
  { env, canAsk }: Pick<Surroundings, 'env' | 'canAsk'>,
): KubeconfigChoice {
  return {
    ...given({ path, context }),
    environment: env,
    canAsk,
    timeoutSeconds,
  };
}

/** Suggests other ways to select a cluster if there is no kubeconfig file. */
async function checkUsualKubeconfig(env: Surroundings['env']): Promise<void> {
  if ((env.KUBECONFIG ?? '') !== '') return;
  const file = join(env.HOME ?? env.USERPROFILE ?? homedir(), '.kube', 'config');
  try {
    await access(file);
  } catch (cause) {
    const ways = '--kubeconfig FILE, --cluster RESOURCE_ID or --subscription GUID';
    throw new UsageError(`There is no kubeconfig at ${file}. Select a cluster with ${ways}, or try \`kataudit serve\`, which needs none.`, {
      cause,
    });
  }
}

async function azureTargets(
  { cluster: ids = [], subscription: subscriptions = [], managementGroup: managementGroups = [], timeout }: ClusterOptions,
  policy: Policy,
  { env, now }: Pick<Surroundings, 'env' | 'now'>,
): Promise<Targets> {
  const azure = await openAzure(await azureOptions(env), timeout);
  const isScope = subscriptions.length + managementGroups.length > 0;
  const { clusters, notListed } = isScope ? await azure.list(subscriptions, managementGroups, policy) : { clusters: [], notListed: [] };
  const byId = new Map([...ids.map(namedCluster), ...clusters].map((cluster) => [cluster.id.toLowerCase(), cluster]));
  const targets = [...byId.values()].map((cluster) => ({ cluster, look: () => azure.collect(cluster.id, policy, now()) }));
  return { targets, notListed, isOne: targets.length === 1 && !isScope };
}

/** What an ARM id says about a cluster. */
function namedCluster(id: string): Cluster {
  const { subscriptionId = '', resourceGroup = '', name = id } = parseClusterId(id) ?? {};
  return { id: id.toLowerCase(), name, subscriptionId, resourceGroup, location: '', tags: {} };
}
