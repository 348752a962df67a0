import { EXEMPTION_ID, endOf } from '../../domain/policy/exemption-schema.ts';
import type { Exemption } from '../../domain/policy/policy.ts';
import { given } from '../../domain/snapshot/given.ts';
import { MAX_EXEMPTIONS } from '../../ports/exemption-store.ts';
import { givenExemptions, type UsedExemption, usedExemptions, withUse } from '../../usecases/queries/exemptions.ts';
import { problem, SECURED, SINGLE, WITH_BODY } from '../framework/answers.ts';
import type { ApiDependencies, ApiRequest } from '../framework/api.ts';
import { exemptionTag } from '../framework/exemption-tag.ts';
import { assertUnchanged, json, tagged } from '../framework/negotiate.ts';
import { Problem } from '../framework/problem.ts';
import { parseBody } from '../framework/query.ts';
import { defineRoute, NO_QUERY } from '../framework/route.ts';
import { ExemptionWrite, HeldExemptionList, HeldExemptionView, type ListedExemption } from '../schemas/exemption-schemas.ts';

const parameters = { id: 'The id of an exemption: lower-case letters, digits and hyphens, at most 63.' };
const GONE_ON = problem('`If-Match` names a version other than the stored one.');
const NEEDS_MATCH = problem('`If-Match` is missing: read the exemption first and send its ETag.');
const CONFLICT = problem('The policy file has an exemption with this id, or there are too many.');

/** `GET /exemptions`: the exemptions of the policy file and of the API. */
export const listExemptions = defineRoute({
  name: 'list-exemptions',
  tag: 'exemptions',
  summary: 'Lists exemptions, those of the policy file first.',
  query: NO_QUERY,
  answers: { 200: { description: 'Every exemption.', schema: HeldExemptionList }, ...SECURED },
  handle: async (dependencies) => json({ value: (await usedExemptions(dependencies)).map(viewOf) }),
});

/** `GET /exemptions/{id}`: one exemption with the ETag that a write requires. */
export const getExemption = defineRoute({
  name: 'get-exemption',
  tag: 'exemptions',
  summary: 'Returns one exemption.',
  parameters,
  headers: { 'If-None-Match': "The ETag of the caller's copy." },
  query: NO_QUERY,
  answers: { 200: { description: 'The exemption.', schema: HeldExemptionView, headers: { etag: 'For `If-Match`.' } }, ...SINGLE },
  handle: async (dependencies, { params, headers }) => {
    const id = exemptionId(params.id);
    const found = (await givenExemptions(dependencies)).find(({ exemption }) => exemption.id === id);
    if (found === undefined) throw noExemption();
    const used = await withUse(dependencies, found);
    return tagged(viewOf(used), headers.get('if-none-match'), used.origin === 'api' ? exemptionTag(used, used) : undefined);
  },
});

/** `PUT /exemptions/{id}`: creates an exemption, or replaces the version that the caller has read. */
export const putExemption = defineRoute({
  name: 'put-exemption',
  tag: 'exemptions',
  summary: 'Creates or replaces an exemption.',
  parameters,
  headers: {
    'If-Match': 'The ETag of the version to replace; required if the exemption exists.',
    'If-None-Match': '`*`: only if the exemption does not exist yet.',
  },
  body: { schema: ExemptionWrite, required: true },
  query: NO_QUERY,
  answers: {
    200: { description: 'The exemption as it is now.', schema: HeldExemptionView, headers: { etag: 'For `If-Match`.' } },
    201: { description: 'The exemption that was created.', schema: HeldExemptionView, headers: { etag: 'For `If-Match`.' } },
    ...WITH_BODY,
    404: problem('The id is invalid, or this app takes exemptions only from the policy file.'),
    409: CONFLICT,
    412: GONE_ON,
    428: NEEDS_MATCH,
  },
  handle: async (dependencies, { params, headers, body, caller }) => {
    const id = exemptionId(params.id);
    const store = storeOf(dependencies);
    const exemption = { id, ...readExemption(dependencies, body) };
    const [{ policy }, held] = await Promise.all([dependencies.policy(), store.get(id)]);
    if (policy.exemptions.some((one) => one.id === id))
      throw new Problem(409, 'The policy file has an exemption with this id: change it there.');
    const now = dependencies.clock();
    assertUnchanged(versionsIn(headers), held && exemptionTag(held), 'exemption');
    if (held === undefined && (await store.list()).length >= MAX_EXEMPTIONS) {
      throw new Problem(409, `There are already ${MAX_EXEMPTIONS} exemptions. Delete expired ones first.`);
    }
    const written = await store.put({ exemption, updatedAt: now.toISOString(), ...given({ updatedBy: caller.objectId }) }, held?.version);
    if (written === 'conflict') throw changedMeanwhile();
    const used = await withUse(dependencies, { origin: 'api', ...written });
    return json(viewOf(used), held === undefined ? 201 : 200, { etag: exemptionTag(written, used) });
  },
});

/** `DELETE /exemptions/{id}`: ends the exemption that the caller has read. */
export const deleteExemption = defineRoute({
  name: 'delete-exemption',
  tag: 'exemptions',
  summary: 'Ends an exemption.',
  parameters,
  headers: { 'If-Match': 'The ETag of the version to delete; required.' },
  query: NO_QUERY,
  answers: {
    204: { description: 'The exemption was deleted.' },
    ...SECURED,
    404: problem('There is no such exemption.'),
    412: GONE_ON,
    428: NEEDS_MATCH,
  },
  handle: async (dependencies, { params, headers }) => {
    const id = exemptionId(params.id);
    const store = storeOf(dependencies);
    const held = await store.get(id);
    if (held === undefined) throw noExemption();
    assertUnchanged(versionsIn(headers), exemptionTag(held), 'exemption');
    if ((await store.delete(id, held.version)) === 'conflict') throw changedMeanwhile();
    return { status: 204, headers: {} };
  },
});

/** Invalid ids are rejected before they reach a store. */
function exemptionId(text = ''): string {
  if (!EXEMPTION_ID.test(text)) throw noExemption();
  return text;
}

function storeOf({ exemptions }: ApiDependencies) {
  if (exemptions === undefined) throw new Problem(404, 'This app takes exemptions only from the policy file.');
  return exemptions;
}

function readExemption({ rules, clock }: ApiDependencies, body: string): Omit<Exemption, 'id'> {
  const write = parseBody(ExemptionWrite, body);
  const expiresOn = endOf(write.expiresOn) ?? write.expiresOn;
  const errors = [
    ...(rules.some(({ id }) => id === write.rule) ? [] : [{ field: '/rule', detail: 'no such rule; GET /api/rules lists them' }]),
    ...(Date.parse(expiresOn) > clock().getTime()
      ? []
      : [{ field: '/expiresOn', detail: 'must be in the future: the given date or time has passed' }]),
  ];
  if (errors.length > 0) throw new Problem(400, 'The body is invalid.', errors);
  return { ...write, expiresOn };
}

/** An exemption in the form of the API, with its origin and state. */
function viewOf(used: UsedExemption): ListedExemption {
  const { exemption, origin, state, findings } = used;
  if (used.origin === 'policy') return { ...exemption, origin, state, findings };
  const { updatedAt, updatedBy } = used;
  return { ...exemption, origin, state, findings, updatedAt, ...given({ updatedBy }) };
}

/** Returns the same headers with each ETag cut to its version. */
function versionsIn(headers: ApiRequest['headers']): ApiRequest['headers'] {
  return { get: (name) => headers.get(name)?.replaceAll(/\.[\w-]*"/g, '"') ?? null };
}

function noExemption(): Problem {
  return new Problem(404, 'There is no exemption with this id.');
}

function changedMeanwhile(): Problem {
  return new Problem(412, 'The exemption was changed by another request. Read it again.');
}
