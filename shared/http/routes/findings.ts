import { z } from 'zod';
import type { Finding } from '../../domain/findings/finding.ts';
import type { Exemption } from '../../domain/policy/policy.ts';
import { FINDING_ORDERS, pagesOf } from '../../usecases/queries/ordered-findings.ts';
import { overlay } from '../../usecases/queries/overlay.ts';
import { SECURED, SINGLE } from '../framework/answers.ts';
import { FINDING_FILTERS, toFilter } from '../framework/finding-query.ts';
import { tagged } from '../framework/negotiate.ts';
import { fillPage, LIST_PARAMETERS, pageResponse } from '../framework/page.ts';
import { Problem } from '../framework/problem.ts';
import { defineRoute, NO_QUERY } from '../framework/route.ts';

/** A finding as the API gives it. */
interface ExemptedFinding extends Finding {
  readonly exemption?: Exemption;
}

const ORDER = {
  orderby: z
    .enum(FINDING_ORDERS, `expected one of ${FINDING_ORDERS.join(', ')}`)
    .default('id')
    .describe('`severity desc` begins with the worst; within a severity, and by default, the order is that of ids.'),
};

const FINDING_ID = /^[0-9a-f]{16}-[0-9a-f]{32}$/;
const parameters = { id: 'The id of a finding.' };

/** `GET /findings`: findings, filtered, in a stable order. */
export const listFindings = defineRoute({
  name: 'list-findings',
  tag: 'findings',
  summary: 'Lists findings.',
  query: z.strictObject({ ...FINDING_FILTERS, ...ORDER, ...LIST_PARAMETERS }),
  answers: { 200: { description: 'A page of findings.', schema: 'FindingList' }, ...SECURED },
  handle: async (dependencies, call) => {
    const { top: _top, cursor: _cursor, orderby, ...filters } = call.query;
    const filter = toFilter(filters, dependencies.rules);
    const { exempted } = filters;
    const read = pagesOf(dependencies.findings, filter, orderby);
    return pageResponse(dependencies, call, async (top, after) => {
      // Without a filter by exemption the two reads do not need each other, and the store's page is the
      // answer: a short one bounds what one call costs when little passes the filter.
      const [exemptionOf, plain] = await Promise.all([overlay(dependencies), exempted === undefined ? read(top, after) : undefined]);
      const page = plain ?? (await fillPage(top, after, read, (finding) => exempted === (exemptionOf(finding) !== undefined)));
      return { ...page, value: page.value.map((finding) => withExemption(finding, exemptionOf(finding))) };
    });
  },
});

/** `GET /findings/{id}`: one finding. */
export const getFinding = defineRoute({
  name: 'get-finding',
  tag: 'findings',
  summary: 'Gives one finding.',
  parameters,
  headers: { 'If-None-Match': 'The ETag that the caller holds.' },
  query: NO_QUERY,
  answers: { 200: { description: 'The finding.', schema: 'Finding' }, ...SINGLE },
  handle: async (dependencies, { params, headers }) => {
    const [finding, exemptionOf] = await Promise.all([dependencies.findings.get(findingId(params.id)), overlay(dependencies)]);
    if (finding === undefined) throw noFinding();
    return tagged(withExemption(finding, exemptionOf(finding)), headers.get('if-none-match'));
  },
});

/** `GET /findings/{id}/history`: what happened to one finding, newest first. */
export const getFindingHistory = defineRoute({
  name: 'get-finding-history',
  tag: 'findings',
  summary: 'Lists what happened to a finding, newest first.',
  parameters,
  query: z.strictObject(LIST_PARAMETERS),
  answers: { 200: { description: 'A page of its history.', schema: 'HistoryEntryList' }, ...SINGLE },
  handle: async (dependencies, call) => {
    const id = findingId(call.params.id);
    if ((await dependencies.findings.get(id)) === undefined) throw noFinding();
    return pageResponse(dependencies, call, (top, after) => dependencies.findings.history(id, top, after));
  },
});

/** An id that cannot be one never reaches the store. */
function findingId(text = ''): string {
  if (!FINDING_ID.test(text)) throw noFinding();
  return text;
}

function noFinding(): Problem {
  return new Problem(404, 'There is no finding with this id.');
}

function withExemption(finding: Finding, exemption: Exemption | undefined): ExemptedFinding {
  return exemption === undefined ? finding : { ...finding, exemption };
}
