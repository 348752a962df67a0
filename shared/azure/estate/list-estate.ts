import { Fault } from '../../domain/snapshot/fault.ts';
import { type Observation, observe, type UnavailableReason } from '../../domain/snapshot/observation.ts';
import type { Cluster } from '../../domain/snapshot/snapshot.ts';
import type { AzureEstate, EstateListing, SubscriptionListing } from '../../ports/azure-estate.ts';
import { eachOf } from '../../ports/each-of.ts';
import { timeRanOut } from '../client/fault.ts';
import type { AzureOptions } from '../client/options.ts';
import { MAX_SUBSCRIPTIONS, queryClusters } from './resource-graph.ts';

/** Lists asked of Azure Resource Manager at a time. */
const AT_ONCE = 8;

/** What a listing of the estate needs beside the options: the list of one subscription that needs no Resource Graph. */
export interface ListEstate extends AzureOptions {
  readonly list: AzureEstate['listClusters'];
}

type Outcome = SubscriptionListing & { readonly subscriptionId: string };

/**
 * Lists the clusters of many subscriptions: by Resource Graph, a page of 1,000 clusters a call, and
 * by Azure Resource Manager wherever Resource Graph gives no sound answer. A subscription of which
 * it shows nothing is asked of Azure Resource Manager too: there, "none" and "may not look" differ.
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
    const answer = await shown(options, wanted.slice(at, at + MAX_SUBSCRIPTIONS), abortSignal);
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

/** What Resource Graph shows; a fault of it leaves every subscription to be asked elsewhere. */
async function shown(
  options: AzureOptions,
  subscriptionIds: readonly string[],
  abortSignal: AbortSignal,
): Promise<Observation<readonly Cluster[]>> {
  const answer = await observe(() => queryClusters(options, subscriptionIds, abortSignal));
  if (abortSignal.aborted) throw timeRanOut('list the estate');
  return answer;
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
