import { z } from 'zod';
import { given } from '../../domain/snapshot/given.ts';
import {
  countHidden,
  type FindingQuestion,
  type FoundFinding,
  findFindings,
  findingViews,
  partsOf,
} from '../../usecases/queries/find-findings.ts';
import { FINDING_ORDERS, pagesOf } from '../../usecases/queries/ordered-findings.ts';
import { SECURED, SINGLE } from '../framework/answers.ts';
import type { ApiDependencies } from '../framework/api.ts';
import { FINDING_FILTERS, toFilter, toQuestion } from '../framework/finding-query.ts';
import { tagged } from '../framework/negotiate.ts';
import { fillPage, LIST_PARAMETERS, pageResponse } from '../framework/page.ts';
import { Problem } from '../framework/problem.ts';
import { defineRoute, NO_QUERY } from '../framework/route.ts';
import { FindingPageView, FindingView, HistoryEntryList, type ListedFinding } from '../schemas/finding-schemas.ts';

const ORDER = {
  orderby: z
    .enum(FINDING_ORDERS, `expected one of ${FINDING_ORDERS.join(', ')}`)
    .default('id')
    .describe('`severity desc` sorts the most severe first; within a severity, and by default, the order is by id.'),
};
const COUNT = {
  count: z.boolean('expected true or false').default(false).describe('`true`: the answer contains the total number of findings.'),
};

const FINDING_ID = /^[0-9a-f]{16}-[0-9a-f]{32}$/;
const parameters = { id: 'The id of a finding.' };

/** `GET /findings`: findings, filtered, in a stable order; exempted ones are left out unless requested. */
export const listFindings = defineRoute({
  name: 'list-findings',
  tag: 'findings',
  summary: 'Lists findings; exempted findings only when `exempted` includes them.',
  query: z.strictObject({ ...FINDING_FILTERS, ...ORDER, ...COUNT, ...LIST_PARAMETERS }),
  answers: { 200: { description: 'A page of findings.', schema: FindingPageView }, ...SECURED },
  handle: async (dependencies, call) => {
    const { top: _top, cursor: _cursor, orderby, count, ...query } = call.query;
    const question = toQuestion(query, dependencies.rules, 'false');
    const read = pagesOf(dependencies.findings, toFilter(query, dependencies.rules), orderby);
    const parts = [...partsOf(given({ exempted: question.exempted, overdue: question.overdue })).values()];
    const [views, totals] = await Promise.all([findingViews(dependencies), totalsOf(dependencies, question, count)]);
    return pageResponse(
      dependencies,
      call,
      async (top, after) => {
        const page =
          parts.length === 0
            ? await read(top, after)
            : await fillPage(top, after, read, (finding) => parts.every((part) => part(views(finding))));
        return { ...page, value: page.value.map((finding) => viewOf(views(finding))) };
      },
      totals,
    );
  },
});

/** Returns the number of hidden findings, and on request the total. */
async function totalsOf(dependencies: ApiDependencies, question: FindingQuestion, isCounted: boolean) {
  const hidden = question.exempted === false ? await countHidden(dependencies, question) : 0;
  if (!isCounted) return { hidden };
  const { findings, complete } = await findFindings(dependencies, question);
  return { hidden, count: findings.length, ...(complete ? {} : { countIsLowerBound: true }) };
}

/** `GET /findings/{id}`: one finding. */
export const getFinding = defineRoute({
  name: 'get-finding',
  tag: 'findings',
  summary: 'Returns one finding.',
  parameters,
  headers: { 'If-None-Match': "The ETag of the caller's copy." },
  query: NO_QUERY,
  answers: { 200: { description: 'The finding.', schema: FindingView }, ...SINGLE },
  handle: async (dependencies, { params, headers }) => {
    const [finding, views] = await Promise.all([dependencies.findings.get(findingId(params.id)), findingViews(dependencies)]);
    if (finding === undefined) throw noFinding();
    return tagged(viewOf(views(finding)), headers.get('if-none-match'));
  },
});

/** `GET /findings/{id}/history`: the changes of one finding, newest first. */
export const getFindingHistory = defineRoute({
  name: 'get-finding-history',
  tag: 'findings',
  summary: 'Lists what happened to a finding, newest first.',
  parameters,
  query: z.strictObject(LIST_PARAMETERS),
  answers: { 200: { description: 'A page of its history.', schema: HistoryEntryList }, ...SINGLE },
  handle: async (dependencies, call) => {
    const id = findingId(call.params.id);
    if ((await dependencies.findings.get(id)) === undefined) throw noFinding();
    return pageResponse(dependencies, call, (top, after) => dependencies.findings.history(id, top, after));
  },
});

/** Invalid ids are rejected before they reach the store. */
function findingId(text = ''): string {
  if (!FINDING_ID.test(text)) throw noFinding();
  return text;
}

function noFinding(): Problem {
  return new Problem(404, 'There is no finding with this id.');
}

/** A finding in the form of the API: the stored fields and the ones that are computed now. */
function viewOf({ finding, exemption, dueOn, overdue }: FoundFinding): ListedFinding {
  return { ...finding, ...given({ exemption, dueOn }), ...(overdue ? { overdue } : {}) };
}
