import { z } from 'zod';
import { given } from '../../domain/snapshot/given.ts';
import type { AuditReport } from '../../ports/audit-store.ts';
import { auditOutcome } from '../../usecases/audit-outcome.ts';
import { auditBefore, changesOfAudit, differenceOf } from '../../usecases/queries/audit-changes.ts';
import { type AuditStanding, listAudits as standings } from '../../usecases/queries/listed-audits.ts';
import { SECURED, SINGLE, WITH_BODY } from '../framework/answers.ts';
import type { ApiDependencies } from '../framework/api.ts';
import { json, tagged } from '../framework/negotiate.ts';
import { LIST_PARAMETERS, pageResponse } from '../framework/page.ts';
import { Problem } from '../framework/problem.ts';
import { parseBody } from '../framework/query.ts';
import { defineRoute, NO_QUERY, pathOf } from '../framework/route.ts';
import {
  AuditChangesView,
  AuditDifferenceView,
  AuditReportView,
  AuditRequest,
  AuditView,
  ListedAuditList,
} from '../schemas/audit-schemas.ts';

const { 304: _unused, ...UNTAGGED } = SINGLE;
const AUDIT_ID = /^[0-9a-z-]{1,100}$/;

/** `GET /audits`: runs over the estate, newest first. */
export const listAudits = defineRoute({
  name: 'list-audits',
  tag: 'audits',
  summary: 'Lists audits, newest first, each with its state and outcome.',
  query: z.strictObject(LIST_PARAMETERS),
  answers: { 200: { description: 'A page of audits.', schema: ListedAuditList }, ...SECURED },
  handle: (dependencies, call) =>
    pageResponse(dependencies, call, async (top, after) => {
      const page = await standings(dependencies, top, after);
      return { ...page, value: page.value.map(listed) };
    }),
});

/** `GET /audits/{id}`: one audit with the outcome of its parts. */
export const getAudit = defineRoute({
  name: 'get-audit',
  tag: 'audits',
  summary: 'Returns one audit with the outcome of every cluster.',
  parameters: { id: 'The id of an audit.' },
  headers: { 'If-None-Match': "The ETag of the caller's copy." },
  query: NO_QUERY,
  answers: { 200: { description: 'The audit.', schema: AuditReportView }, ...SINGLE },
  handle: async (dependencies, { params, headers }) => {
    const report = await reportOf(dependencies, params.id);
    return tagged({ ...report, outcome: auditOutcome(report, dependencies.clock()) }, headers.get('if-none-match'));
  },
});

/** `GET /audits/{id}/changes`: the findings that one audit opened, changed and resolved. */
export const getAuditChanges = defineRoute({
  name: 'get-audit-changes',
  tag: 'audits',
  summary: 'Lists what one audit opened, changed and closed, newest first.',
  parameters: { id: 'The id of an audit.' },
  query: NO_QUERY,
  answers: { 200: { description: 'Its changes.', schema: AuditChangesView }, ...UNTAGGED },
  handle: async (dependencies, { params }) => {
    const { entries, complete } = await changesOfAudit(dependencies, await reportOf(dependencies, params.id));
    return json({ value: entries, complete });
  },
});

/** `GET /audits/{id}/difference`: the changes of the estate since an earlier audit. */
export const getAuditDifference = defineRoute({
  name: 'get-audit-difference',
  tag: 'audits',
  summary: 'Compares an audit with an earlier one: what opened, resolved and changed, and what could no longer be read.',
  parameters: { id: 'The id of the later audit.' },
  query: z.strictObject({
    from: z.string().min(1).max(100).optional().describe('The id of the earlier audit; default: the previous one.'),
  }),
  answers: { 200: { description: 'The difference.', schema: AuditDifferenceView }, ...UNTAGGED },
  handle: async (dependencies, { params, query }) => {
    const later = await reportOf(dependencies, params.id);
    const from = query.from ?? (await auditBefore(dependencies, later.audit))?.id;
    if (from === undefined) throw new Problem(404, 'There is no earlier audit to compare with.');
    const earlier = await reportOf(dependencies, from);
    if (earlier.audit.startedAt > later.audit.startedAt) {
      throw new Problem(400, 'The query is invalid.', [{ field: 'from', detail: 'must be an earlier audit than the one in the path' }]);
    }
    const { changes, ...rest } = await differenceOf(dependencies, earlier, later);
    return json({ changes: changes.map(({ kind, entry }) => ({ ...entry, kind })), ...rest });
  },
});

async function reportOf({ audits }: Pick<ApiDependencies, 'audits'>, id = ''): Promise<AuditReport> {
  const report = AUDIT_ID.test(id) ? await audits.get(id) : undefined;
  if (report === undefined) throw new Problem(404, 'There is no audit with this id.');
  return report;
}

function listed({ audit: { end: _end, ...audit }, state, outcome }: AuditStanding) {
  return { ...audit, state, ...given({ outcome }) };
}

/** `POST /audits`: starts an audit of the whole estate and returns before it ends. */
export const postAudit = defineRoute({
  name: 'post-audit',
  tag: 'audits',
  summary: 'Starts an audit of the whole estate, or of chosen clusters.',
  body: { schema: AuditRequest, required: false },
  query: NO_QUERY,
  answers: {
    202: { description: 'The audit was planned.', schema: AuditView, headers: { location: 'The URL of the audit.' } },
    ...WITH_BODY,
  },
  handle: async (dependencies, { body, caller, url }) => {
    const { clusters } = body === '' ? {} : parseBody(AuditRequest, body);
    const audit =
      clusters === undefined
        ? await dependencies.startAudit('request', caller.objectId)
        : await dependencies.scanClusters(await knownIds(dependencies, clusters), caller.objectId);
    return json(audit, 202, { location: `${pathOf(url)}/${encodeURIComponent(audit.id)}` });
  },
});

/** Returns the ids in their stored spelling; throws 400 for an unknown one. */
async function knownIds({ findings }: Pick<ApiDependencies, 'findings'>, asked: readonly string[]): Promise<readonly string[]> {
  const summaries = await Promise.all(asked.map((id) => findings.cluster(id)));
  const errors = summaries.flatMap((summary, at) =>
    summary?.status === 'present'
      ? []
      : [{ field: `/clusters/${at}`, detail: 'no cluster of the estate has this id; GET /api/clusters lists them' }],
  );
  if (errors.length > 0) throw new Problem(400, 'The body is invalid.', errors);
  return [...new Set(summaries.flatMap((summary) => (summary === undefined ? [] : [summary.cluster.id])))];
}
