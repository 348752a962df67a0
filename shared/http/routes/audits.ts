import { z } from 'zod';
import { auditOutcome } from '../../usecases/audit-outcome.ts';
import { SECURED, SINGLE, WITH_BODY } from '../framework/answers.ts';
import { json, tagged } from '../framework/negotiate.ts';
import { LIST_PARAMETERS, pageResponse } from '../framework/page.ts';
import { Problem } from '../framework/problem.ts';
import { parseBody } from '../framework/query.ts';
import { defineRoute, NO_QUERY, pathOf } from '../framework/route.ts';
import { AuditRequest } from '../schemas/operation-schemas.ts';

const AUDIT_ID = /^[0-9a-z-]{1,100}$/;

/** `GET /audits`: runs over the estate, newest first. */
export const listAudits = defineRoute({
  name: 'list-audits',
  tag: 'audits',
  summary: 'Lists audits, newest first.',
  query: z.strictObject(LIST_PARAMETERS),
  answers: { 200: { description: 'A page of audits.', schema: 'AuditList' }, ...SECURED },
  handle: (dependencies, call) => pageResponse(dependencies, call, (top, after) => dependencies.audits.list(top, after)),
});

/** `GET /audits/{id}`: one audit with all that became of it. */
export const getAudit = defineRoute({
  name: 'get-audit',
  tag: 'audits',
  summary: 'Gives one audit with all that became of it.',
  parameters: { id: 'The id of an audit.' },
  headers: { 'If-None-Match': 'The ETag that the caller holds.' },
  query: NO_QUERY,
  answers: { 200: { description: 'The audit.', schema: 'AuditReport' }, ...SINGLE },
  handle: async ({ audits, clock }, { params, headers }) => {
    const id = params.id ?? '';
    const report = AUDIT_ID.test(id) ? await audits.get(id) : undefined;
    if (report === undefined) throw new Problem(404, 'There is no audit with this id.');
    return tagged({ ...report, outcome: auditOutcome(report, clock()) }, headers.get('if-none-match'));
  },
});

/** `POST /audits`: starts an audit of the whole estate and answers before it ends. */
export const postAudit = defineRoute({
  name: 'post-audit',
  tag: 'audits',
  summary: 'Starts an audit of the whole estate.',
  body: { schema: 'AuditRequest', required: false },
  query: NO_QUERY,
  answers: {
    202: { description: 'The audit was planned.', schema: 'Audit', headers: { location: 'Where to follow it.' } },
    ...WITH_BODY,
  },
  handle: async ({ startAudit }, { body, caller, url }) => {
    if (body !== '') parseBody(AuditRequest, body);
    const audit = await startAudit('request', caller.objectId);
    return json(audit, 202, { location: `${pathOf(url)}/${encodeURIComponent(audit.id)}` });
  },
});
