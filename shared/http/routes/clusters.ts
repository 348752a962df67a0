import { z } from 'zod';
import { isolationReport } from '../../domain/isolation/isolation-report.ts';
import { formatClusterId, isSubscriptionId } from '../../domain/snapshot/resource-id.ts';
import { SECURED, SINGLE } from '../framework/answers.ts';
import { tagged } from '../framework/negotiate.ts';
import { fillPage, LIST_PARAMETERS, pageResponse } from '../framework/page.ts';
import { Problem } from '../framework/problem.ts';
import { defineRoute, NO_QUERY } from '../framework/route.ts';
import { assessment, clusterStatus } from '../schemas/cluster-schemas.ts';

/** Sandboxed workloads that one answer tells of. */
const MAX_WORKLOADS = 1_000;
const subscription = z.string().refine(isSubscriptionId, 'expected a subscription id (GUID)');
const filters = {
  status: z.array(clusterStatus).min(1).max(3).optional().describe('Comma-separated.'),
  assessment: z.array(assessment).min(1).max(3).optional().describe('Comma-separated.'),
  subscription: z.array(subscription).min(1).max(100).optional().describe('Subscription ids, comma-separated.'),
};

/** `GET /clusters`: one summary per cluster. */
export const listClusters = defineRoute({
  name: 'list-clusters',
  tag: 'clusters',
  summary: 'Lists cluster summaries.',
  query: z.strictObject({ ...filters, ...LIST_PARAMETERS }),
  answers: { 200: { description: 'A page of cluster summaries.', schema: 'ClusterSummaryList' }, ...SECURED },
  handle: ({ findings, cursorSecret }, call) => {
    const { status, assessment: states, subscription: ids } = call.query;
    const subscriptions = ids?.map((id) => id.toLowerCase());
    return pageResponse(cursorSecret === undefined ? {} : { cursorSecret }, call, (top, after) =>
      fillPage(
        top,
        after,
        (size, from) => findings.clusters(size, from),
        (summary) =>
          (status?.includes(summary.status) ?? true) &&
          (states?.includes(summary.assessment) ?? true) &&
          (subscriptions?.includes(summary.cluster.subscriptionId.toLowerCase()) ?? true),
      ),
    );
  },
});

/**
 * `GET /clusters/{subscription}/{resourceGroup}/{name}`: one cluster's summary. Not `clusters/{*id}`: the Functions host tries functions
 * in the order of their names, and a rest that is empty matches too, so that get-cluster would hide list-clusters.
 */
export const getCluster = defineRoute({
  name: 'get-cluster',
  tag: 'clusters',
  summary: "Gives one cluster's summary, and how far the evidence for isolation reaches in it.",
  parameters: {
    subscription: 'The id (GUID) of the subscription.',
    resourceGroup: 'The name of the resource group; case does not matter.',
    name: 'The name of the cluster; case does not matter.',
  },
  headers: { 'If-None-Match': 'The ETag that the caller holds.' },
  query: NO_QUERY,
  answers: { 200: { description: 'The summary and the steps of isolation.', schema: 'Cluster' }, ...SINGLE },
  handle: async ({ findings, assessments }, { params, headers }) => {
    const { subscription: subscriptionId = '', resourceGroup = '', name = '' } = params;
    const id = formatClusterId({ subscriptionId, resourceGroup, name });
    const [summary, assessment] = await Promise.all([findings.cluster(id), assessments.get(id)]);
    if (summary === undefined) throw new Problem(404, 'There is no cluster of this name in this resource group and subscription.');
    const isolation = assessment === undefined ? {} : { isolation: isolationReport(assessment.snapshot, MAX_WORKLOADS) };
    return tagged({ ...summary, ...isolation }, headers.get('if-none-match'));
  },
});
