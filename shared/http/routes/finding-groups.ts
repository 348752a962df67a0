import { z } from 'zod';
import { hasTag } from '../../ports/finding-filter.ts';
import { findFindings } from '../../usecases/queries/find-findings.ts';
import { facetBase, facetsOf, GROUPINGS, type Grouping, groupFindings, type TagsOf } from '../../usecases/queries/group-findings.ts';
import { allClusters } from '../../usecases/queries/walk.ts';
import { SECURED } from '../framework/answers.ts';
import type { ApiDependencies } from '../framework/api.ts';
import { FINDING_FILTERS, toQuestion } from '../framework/finding-query.ts';
import { json } from '../framework/negotiate.ts';
import { defineRoute } from '../framework/route.ts';
import { FindingFacetsView, FindingGroupsView } from '../schemas/finding-schemas.ts';

const TAG = /^tag:.{1,512}$/s;
const by = z
  .custom<Grouping>(
    (value) => typeof value === 'string' && (GROUPINGS.some((one) => one === value) || TAG.test(value)),
    `expected ${GROUPINGS.join(', ')} or tag:NAME`,
  )
  .meta({ type: 'string', examples: ['rule', 'tag:team'] })
  .describe(`${GROUPINGS.join(', ')}, or \`tag:NAME\` for the value of a tag of the cluster.`);

/** `GET /findings/groups`: findings grouped by a common value, the group with the most severe findings first. */
export const aggregateFindings = defineRoute({
  name: 'aggregate-findings',
  tag: 'findings',
  summary: 'Groups findings by rule, cluster, namespace, subscription, owner or a tag, the most severe group first.',
  query: z.strictObject({ by, ...FINDING_FILTERS }),
  answers: { 200: { description: 'Every group; open findings unless `status` says otherwise.', schema: FindingGroupsView }, ...SECURED },
  handle: async (dependencies, { query: { by: grouping, ...query } }) => {
    const question = { status: ['open'] as const, ...toQuestion(query, dependencies.rules, 'false') };
    const [found, tagsOf] = await Promise.all([findFindings(dependencies, question), clusterTags(dependencies)]);
    const value = groupFindings(found.findings, grouping, tagsOf);
    return json({ value, count: found.findings.length, hidden: found.hidden, complete: found.complete });
  },
});

/** `GET /findings/facets`: the values of each filter, with the number of findings that match. */
export const facetFindings = defineRoute({
  name: 'facet-findings',
  tag: 'findings',
  summary: 'Counts the values of each filter of findings, as if only that filter were not set.',
  query: z.strictObject(FINDING_FILTERS),
  answers: {
    200: { description: 'Values by filter; open findings unless `status` says otherwise.', schema: FindingFacetsView },
    ...SECURED,
  },
  handle: async (dependencies, { query }) => {
    const question = { status: ['open'] as const, ...toQuestion(query, dependencies.rules, 'false') };
    const [{ findings, complete }, tagsOf] = await Promise.all([
      findFindings(dependencies, facetBase(question)),
      clusterTags(dependencies),
    ]);
    const { nodePool, ...facets } = facetsOf(findings, question, tagsOf, passesTag(question.tag, tagsOf));
    return json({ ...facets, pool: nodePool, complete });
  },
});

/** Whether a finding's cluster has one of the requested tags. */
function passesTag(wanted: readonly string[] | undefined, tagsOf: TagsOf) {
  return ({ clusterId }: { readonly clusterId: string }) => wanted === undefined || wanted.some((tag) => hasTag(tagsOf(clusterId), tag));
}

async function clusterTags({ findings }: Pick<ApiDependencies, 'findings'>): Promise<TagsOf> {
  const summaries = await allClusters(findings);
  const tags = new Map(summaries.map(({ cluster }) => [cluster.id.toLowerCase(), cluster.tags]));
  return (clusterId) => tags.get(clusterId.toLowerCase()) ?? {};
}
