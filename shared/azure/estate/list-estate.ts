import { Fault } from '../../domain/snapshot/fault.ts';
import { observe, type UnavailableReason } from '../../domain/snapshot/observation.ts';
import type { Cluster } from '../../domain/snapshot/snapshot.ts';
import type { AzureEstate, EstateListing, SubscriptionListing } from '../../ports/azure-estate.ts';
import { eachOf } from '../../ports/each-of.ts';
import { timeRanOut } from '../client/fault.ts';
import type { AzureOptions } from '../client/options.ts';
import { MAX_SUBSCRIPTIONS, queryClusters } from './resource-graph.ts';

/** Number of concurrent lists from Azure Resource Manager. */
const AT_ONCE = 8;

/** The options, and the list of one subscription without Resource Graph. */
export interface ListEstate extends AzureOptions {
  readonly list: AzureEstate['listClusters'];
}

type Outcome = SubscriptionListing & { readonly subscriptionId: string };

/**
 * Lists the clusters of many subscriptions: from Resource Graph with 1,000 clusters per page, and from Azure Resource Manager if Resource
 * Graph gives no valid result. A subscription without results is also read from Azure Resource Manager, which distinguishes "no clusters"
 * from "no permission".
 */
export async function listEstate(
  options: ListEstate,
  subscriptionIds: readonly string[],
  abortSignal: AbortSignal,
): Promise<EstateListing> {
  const wanted = [...new Set(subscriptionIds.map((id) => id.toLowerCase()))];
  const clusters: Cluster[] = [];
  const detours: UnavailableReason[] = [];
  for (let at = 0; at < wanted.length; at += MAX_SUBSCRIPTIONS) {
    const asked = wanted.slice(at, at + MAX_SUBSCRIPTIONS);
    const answer = await observe(() => queryClusters(options, asked, abortSignal));
    if (answer.state === 'observed') clusters.push(...answer.value);
    else detours.push(answer.reason);
  }
  const seen = new Set(clusters.map(({ subscriptionId }) => subscriptionId));
  const unseen = wanted.filter((id) => !seen.has(id));
  const outcomes = await eachOf(unseen, AT_ONCE, (id) => listOne(options, id, abortSignal));
  return {
    clusters: [...clusters, ...outcomes.flatMap((outcome) => outcome.clusters)],
    notListed: outcomes.flatMap(({ subscriptionId, incomplete: reason }) => (reason === undefined ? [] : [{ subscriptionId, reason }])),
    detours,
  };
}

async function listOne({ list }: ListEstate, subscriptionId: string, abortSignal: AbortSignal): Promise<Outcome> {
  try {
    return { subscriptionId, ...(await list(subscriptionId, abortSignal)) };
  } catch (error) {
    if (abortSignal.aborted) throw timeRanOut('list the estate', error);
    if (!(error instanceof Fault)) throw error;
    return { subscriptionId, clusters: [], incomplete: { code: error.code, message: error.message } };
  }
}
