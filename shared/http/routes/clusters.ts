import { z } from 'zod';
import type { ClusterSummary } from '../../domain/findings/summary.ts';
import { clusterText } from '../../domain/findings/summary.ts';
import { isolationReport } from '../../domain/isolation/isolation-report.ts';
import { FAULT_CODES } from '../../domain/snapshot/fault.ts';
import { formatClusterId } from '../../domain/snapshot/resource-id.ts';
import { hasTag } from '../../ports/finding-filter.ts';
import { SECURED, SINGLE } from '../framework/answers.ts';
import { assertRules } from '../framework/finding-query.ts';
import { tagged } from '../framework/negotiate.ts';
import { fillPage, LIST_PARAMETERS, pageResponse } from '../framework/page.ts';
import { anyOf, anySubscription, anyText, searched } from '../framework/parameters.ts';
import { Problem } from '../framework/problem.ts';
import { defineRoute, NO_QUERY } from '../framework/route.ts';
import { assessment, ClusterSummaryList, clusterStatus } from '../schemas/cluster-schemas.ts';
import { severity } from '../schemas/common-schemas.ts';
import { ClusterView } from '../schemas/isolation-schemas.ts';

/** Maximum number of sandboxed workloads in one response. */
const MAX_WORKLOADS = 1_000;
const filters = {
  status: anyOf(clusterStatus).describe('Comma-separated.'),
  assessment: anyOf(assessment).describe('Comma-separated.'),
  subscription: anySubscription().describe('Subscription ids, comma-separated.'),
  tag: anyText(770).describe('Tags, `name=value` or only a name, comma-separated.'),
  rule: anyText(100).describe('Rule ids, comma-separated: clusters with an open finding of one of them.'),
  severity: anyOf(severity).describe('Severities, comma-separated: clusters with an open finding of one of them.'),
  gap: anyOf(z.enum(FAULT_CODES)).describe('Reason codes, comma-separated: clusters where something could not be read for one of them.'),
  q: searched.describe('Text in the name, the resource group, the subscription, the location or a tag.'),
};

type ClusterQuery = Partial<z.output<z.ZodObject<typeof filters>>>;

/** `GET /clusters`: one summary per cluster. */
export const listClusters = defineRoute({
  name: 'list-clusters',
  tag: 'clusters',
  summary: 'Lists cluster summaries.',
  query: z.strictObject({ ...filters, ...LIST_PARAMETERS }),
  answers: { 200: { description: 'A page of cluster summaries.', schema: ClusterSummaryList }, ...SECURED },
  handle: (dependencies, call) => {
    const { top: _top, cursor: _cursor, ...query } = call.query;
    assertRules(query.rule, dependencies.rules);
    return pageResponse(dependencies, call, (top, after) =>
      fillPage(top, after, (size, from) => dependencies.findings.clusters(size, from), keeps(query)),
    );
  },
});

/** Whether a cluster matches every filter; several values of one are alternatives. */
function keeps({ status, assessment: states, subscription: ids, tag, rule, severity: severities, gap, q }: ClusterQuery) {
  const subscriptions = ids?.map((id) => id.toLowerCase());
  const text = q?.toLowerCase();
  return (summary: ClusterSummary): boolean =>
    (status?.includes(summary.status) ?? true) &&
    (states?.includes(summary.assessment) ?? true) &&
    (subscriptions?.includes(summary.cluster.subscriptionId.toLowerCase()) ?? true) &&
    (tag?.some((one) => hasTag(summary.cluster.tags, one)) ?? true) &&
    (rule?.some((one) => (summary.rules[one]?.open ?? 0) > 0) ?? true) &&
    (severities?.some((one) => summary.openBySeverity[one] > 0) ?? true) &&
    (gap?.some((one) => summary.gaps.some(({ reason }) => reason.code === one)) ?? true) &&
    (text === undefined || clusterText(summary).includes(text));
}

/**
 * `GET /clusters/{subscription}/{resourceGroup}/{name}`: one cluster's summary. Not `clusters/{*id}`: the Functions host tries functions
 * in the order of their names, and an empty rest matches too, so get-cluster would hide list-clusters.
 */
export const getCluster = defineRoute({
  name: 'get-cluster',
  tag: 'clusters',
  summary: "Returns one cluster's summary, and how strong the evidence of isolation is in it.",
  parameters: {
    subscription: 'The id (GUID) of the subscription.',
    resourceGroup: 'The name of the resource group; case does not matter.',
    name: 'The name of the cluster; case does not matter.',
  },
  headers: { 'If-None-Match': "The ETag of the caller's copy." },
  query: NO_QUERY,
  answers: { 200: { description: 'The summary and the isolation steps.', schema: ClusterView }, ...SINGLE },
  handle: async ({ findings, assessments }, { params, headers }) => {
    const { subscription: subscriptionId = '', resourceGroup = '', name = '' } = params;
    const id = formatClusterId({ subscriptionId, resourceGroup, name });
    const [summary, assessment] = await Promise.all([findings.cluster(id), assessments.get(id)]);
    if (summary === undefined) throw new Problem(404, 'There is no cluster with this name in this resource group and subscription.');
    const isolation = assessment === undefined ? {} : { isolation: isolationReport(assessment.snapshot, MAX_WORKLOADS) };
    return tagged({ ...summary, ...isolation }, headers.get('if-none-match'));
  },
});
