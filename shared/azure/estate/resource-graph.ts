import { z } from 'zod';
import { Fault } from '../../domain/snapshot/fault.ts';
import { given } from '../../domain/snapshot/given.ts';
import type { Cluster } from '../../domain/snapshot/snapshot.ts';
import { RESOURCE_GRAPH } from '../budget/published-budgets.ts';
import type { AzureOptions } from '../client/options.ts';
import { drain } from '../client/paging.ts';
import { clientOptions, prepare } from '../client/pipeline.ts';
import { toCluster } from './cluster-row.ts';

/** Resource Graph's maximum number of subscriptions in a query and of rows in a page. */
export const MAX_SUBSCRIPTIONS = 1_000;
const PAGE_ROWS = 1_000;

/*
 * Only the identity of clusters: a row may be minutes old and is not evidence of a cluster's state. The
 * id must be among the columns, or Resource Graph truncates the result at the first page; the order keeps
 * pages from overlapping.
 */
const QUERY = "resources | where type =~ 'microsoft.containerservice/managedclusters' | project id, name, location, tags | order by id asc";

const Page = z.object({
  totalRecords: z.int().min(0),
  resultTruncated: z.union([z.enum(['true', 'false']), z.boolean()]).nullish(),
  $skipToken: z.string().min(1).nullish(),
  data: z.array(z.unknown()),
});

/**
 * Queries Resource Graph for the clusters of up to 1,000 subscriptions; throws `Fault('malformed')` if the result is truncated or
 * inconsistent. A cluster that is missing from it may still exist: Resource Graph lags, and omits what the identity cannot read.
 */
export async function queryClusters(
  options: AzureOptions,
  subscriptionIds: readonly string[],
  abortSignal: AbortSignal,
): Promise<readonly Cluster[]> {
  const { ResourceGraphClient } = await import('@azure/arm-resourcegraph');
  const { remembered } = await import('../client/credential.ts');
  const what = `query Resource Graph for the clusters of ${subscriptionIds.length} subscriptions`;
  const client = new ResourceGraphClient(remembered(options.credential, options.clock), clientOptions(options));
  const answers = await prepare(
    client.pipeline,
    { what, action: 'Microsoft.ContainerService/managedClusters/read', buckets: [RESOURCE_GRAPH], schema: Page, abortSignal },
    options,
  );
  const link = () => answers.at(-1)?.$skipToken ?? undefined;
  async function* pages(): AsyncGenerator<void> {
    do {
      const paging = { top: PAGE_ROWS, resultFormat: 'objectArray', ...given({ skipToken: link() }) } as const;
      await client.resources({ subscriptions: [...subscriptionIds], query: QUERY, options: paging });
      yield;
    } while (link() !== undefined);
  }
  await drain(pages(), link, what, '$skipToken');
  return wholeOf(answers, subscriptionIds, what);
}

function wholeOf(pages: readonly z.output<typeof Page>[], asked: readonly string[], what: string): readonly Cluster[] {
  if (String(pages.at(-1)?.resultTruncated) === 'true') throw malformed(what, 'it is truncated');
  const rows = pages.flatMap(({ data }) => data);
  if (pages.some(({ totalRecords }) => totalRecords !== rows.length)) {
    throw malformed(what, `totalRecords does not match the ${rows.length} rows`);
  }
  const wanted = new Set(asked.map((id) => id.toLowerCase()));
  const clusters = new Map<string, Cluster>();
  for (const cluster of rows.map(toCluster)) {
    if (typeof cluster === 'string') throw malformed(what, `it contains ${cluster}`);
    if (!wanted.has(cluster.subscriptionId)) throw malformed(what, `it contains ${cluster.id}, which was not requested`);
    clusters.set(cluster.id, cluster);
  }
  if (clusters.size !== rows.length) throw malformed(what, 'it contains a cluster twice');
  return [...clusters.values()];
}

function malformed(what: string, how: string): Fault {
  return new Fault('malformed', `Cannot ${what}: the response is malformed: ${how}.`);
}
