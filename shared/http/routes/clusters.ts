import { z } from 'zod';
import { isolationReport } from '../../domain/isolation/isolation-report.ts';
import { isSubscriptionId } from '../../domain/snapshot/resource-id.ts';
import { SECURED, SINGLE } from '../framework/answers.ts';
import { tagged } from '../framework/negotiate.ts';
import { fillPage, LIST_PARAMETERS, pageResponse } from '../framework/page.ts';
import { Problem } from '../framework/problem.ts';
import { defineRoute, NO_QUERY } from '../framework/route.ts';
import { assessment, clusterStatus } from '../schemas/cluster-schemas.ts';

const MAX_ID_LENGTH = 512;
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
  method: 'GET',
  route: 'clusters',
  authLevel: 'function',
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

/** `GET /clusters/{id}`: one cluster's summary, by its ARM id. */
export const getCluster = defineRoute({
  name: 'get-cluster',
  method: 'GET',
  route: 'clusters/{*id}',
  authLevel: 'function',
  tag: 'clusters',
  summary: "Gives one cluster's summary, and how far the evidence for isolation reaches in it.",
  parameters: { id: 'The ARM id of the cluster, its slashes as they are or percent-encoded; case does not matter.' },
  headers: { 'If-None-Match': 'The ETag that the caller holds.' },
  query: NO_QUERY,
  answers: { 200: { description: 'The summary and the steps of isolation.', schema: 'Cluster' }, ...SINGLE },
  handle: async ({ findings, assessments }, { params, headers }) => {
    const id = clusterId(params.id);
    const [summary, assessment] = await Promise.all([findings.cluster(id), assessments.get(id)]);
    if (summary === undefined) throw noCluster();
    const isolation = assessment === undefined ? {} : { isolation: isolationReport(assessment.snapshot, MAX_WORKLOADS) };
    return tagged({ ...summary, ...isolation }, headers.get('if-none-match'));
  },
});

/** Hosts drop the leading slash of the id, or double it. */
function clusterId(text = ''): string {
  const id = text.replace(/^\/+/, '').toLowerCase();
  if (id === '' || id.length > MAX_ID_LENGTH) throw noCluster();
  return id.startsWith('subscriptions/') ? `/${id}` : id;
}

function noCluster(): Problem {
  return new Problem(404, 'There is no cluster with this id.');
}
