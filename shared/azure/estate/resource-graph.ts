import { z } from 'zod';
import { Fault } from '../../domain/snapshot/fault.ts';
import { given } from '../../domain/snapshot/given.ts';
import type { Cluster } from '../../domain/snapshot/snapshot.ts';
import { RESOURCE_GRAPH } from '../budget/published-budgets.ts';
import type { AzureOptions } from '../client/options.ts';
import { clientOptions, prepare } from '../client/pipeline.ts';
import { toCluster } from './cluster-row.ts';

/** The most that Resource Graph takes in one query, and the most rows that it gives in one page. */
export const MAX_SUBSCRIPTIONS = 1_000;
const PAGE_ROWS = 1_000;
const MAX_PAGES = 1_000;

/*
 * Only who the clusters are: a row may be minutes old and is no evidence of what a cluster is. The
 * id must be among the columns, or Resource Graph cuts the answer at the first page; the order keeps
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
 * Asks Resource Graph for the clusters of up to 1,000 subscriptions; `Fault('malformed')` when its
 * answer is cut short or contradicts itself. What it does not show proves nothing: it lags, and is
 * silent about what the identity may not read.
 */
export async function queryClusters(
  options: AzureOptions,
  subscriptionIds: readonly string[],
  abortSignal: AbortSignal,
): Promise<readonly Cluster[]> {
  const { ResourceGraphClient } = await import('@azure/arm-resourcegraph');
  const { remembered } = await import('../client/credential.ts');
  const what = `ask Resource Graph for the clusters of ${subscriptionIds.length} subscriptions`;
  const client = new ResourceGraphClient(remembered(options.credential, options.clock), clientOptions(options));
  const answers = await prepare(
    client.pipeline,
    { what, action: 'Microsoft.ContainerService/managedClusters/read', buckets: [RESOURCE_GRAPH], schema: Page, abortSignal },
    options,
  );
  const tokens = new Set<string>();
  for (let skipToken: string | undefined; ; ) {
    const paging = { top: PAGE_ROWS, resultFormat: 'objectArray', ...given({ skipToken }) } as const;
    await client.resources({ subscriptions: [...subscriptionIds], query: QUERY, options: paging });
    skipToken = answers.at(-1)?.$skipToken ?? undefined;
    if (skipToken === undefined) break;
    if (tokens.has(skipToken)) throw malformed(what, '$skipToken leads back to a page already read');
    tokens.add(skipToken);
    if (tokens.size >= MAX_PAGES) throw new Fault('too-large', `Cannot ${what}: the list has more than ${MAX_PAGES} pages.`);
  }
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
    if (typeof cluster === 'string') throw malformed(what, `it holds ${cluster}`);
    if (!wanted.has(cluster.subscriptionId)) throw malformed(what, `it holds ${cluster.id}, which was not asked for`);
    clusters.set(cluster.id, cluster);
  }
  if (clusters.size !== rows.length) throw malformed(what, 'it holds one cluster twice');
  return [...clusters.values()];
}

function malformed(what: string, how: string): Fault {
  return new Fault('malformed', `Cannot ${what}: the answer is malformed: ${how}.`);
}
