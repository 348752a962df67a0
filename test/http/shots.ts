import fc from 'fast-check';
import { z } from 'zod';
import { openApi } from '../../shared/http/framework/openapi.ts';
import { ROUTES } from '../../shared/http/routes.ts';
import { PUSHED } from './a-pushed-snapshot.ts';
import { fitting, hostile } from './arbitrary.ts';
import type { Ask } from './client.ts';
import { aFinding, SUBSCRIPTION } from './estate.ts';

const parameter = z.object({ name: z.string(), in: z.enum(['path', 'query', 'header']), schema: z.unknown() });
const operation = z.object({
  operationId: z.string(),
  parameters: z.array(parameter).default([]),
  requestBody: z.object({ content: z.object({ 'application/json': z.object({ schema: z.unknown() }) }) }).optional(),
  responses: z.record(z.string(), z.unknown()),
});
const document = z
  .object({
    paths: z.record(z.string(), z.record(z.string(), operation)),
    components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
  })
  .parse(openApi(ROUTES, '1.2.3'));
/** Every operation of the OpenAPI document. */
export const OPERATIONS = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, facts]) => ({ path, method: method.toUpperCase(), facts, name: facts.operationId })),
);

/** One of them. */
export type Operation = (typeof OPERATIONS)[number];

/** A valid or an invalid request. */
interface Shot {
  readonly path: string;
  readonly how: Ask;
}

/** Existing ids, by the subject of the path. */
const IDS: Readonly<Record<string, readonly string[]>> = {
  findings: [aFinding().id],
  clusters: [`${SUBSCRIPTION}/rg/prod`],
  audits: ['a1'],
  parked: ['abc'],
  exemptions: ['e1', 'e2'],
  exports: ['csv', 'sarif', 'ocsf', 'openreports', 'json', 'html'],
  dashboard: ['', 'findings', 'rules', 'exemptions', 'audits', 'parked'],
};

/** The possible mistakes of a request; at most two at once, so that code after the first check is reached too. */
const PARTS = ['ids', 'query', 'negotiation', 'principal', 'conditions', 'body'] as const;

/** Requests to an operation, made from its document: valid ones, and ones with one or two mistakes. */
export function shots({ path, method, facts }: Operation): fc.Arbitrary<Shot> {
  const of = (where: string) => facts.parameters.filter((one) => one.in === where);
  const known = fc.constantFrom(...(IDS[path.split('/')[1] ?? ''] ?? ['']));
  const good = { ids: known, query: goodQuery(of('query')), ...GOOD, body: goodBody(facts) };
  const bad = { ids: hostile, query: badQuery(of('query')), ...BAD, body: facts.operationId === 'putSnapshot' ? oddSnapshot : badBody };
  const wrong = fc.oneof(fc.constant([]), fc.subarray([...PARTS], { minLength: 1, maxLength: 2 }));
  return wrong.chain((parts) => {
    const pick = <K extends (typeof PARTS)[number]>(part: K) => (parts.some((one) => one === part) ? bad[part] : good[part]);
    const wanted = { ids: pick('ids'), query: pick('query'), body: pick('body') };
    const headers = fc.tuple(pick('negotiation'), pick('principal'), pick('conditions'));
    return fc.record({ ...wanted, headers }).map(({ ids, query, body, headers: [negotiation, principal, conditions] }) => {
      const filled = fill(path, ids.toWellFormed());
      const search = new URLSearchParams(query);
      const sent = { ...negotiation, ...principal, ...conditions };
      const how = { method, headers: sent, body: method === 'GET' ? '' : body };
      return { path: `${filled}${search.size > 0 ? `?${search}` : ''}`, how };
    });
  });
}

/** Puts an id into a path; an id of several parts is written with slashes. */
function fill(path: string, id: string): string {
  const places = path.match(/\{\w+\}/g) ?? [];
  const words = places.length > 1 ? id.split('/') : [id];
  return places.reduce((filled, place, at) => filled.replace(place, () => encodeURIComponent(words[at] ?? id)), path);
}

type Headers = Readonly<Record<string, string>>;
type Query = [string, string][];

const text = fc.stringMatching(/^[\x21-\x7e]{0,40}$/);
const some = (model: Readonly<Record<string, fc.Arbitrary<string>>>): fc.Arbitrary<Headers> =>
  fc
    .subarray(Object.keys(model))
    .chain((names) => fc.record(Object.fromEntries(Object.entries(model).filter(([name]) => names.includes(name)))));
const claims = (role: string) => Buffer.from(JSON.stringify({ auth_typ: 'aad', claims: [{ typ: 'roles', val: role }] })).toString('base64');
const GOOD = {
  negotiation: some({ accept: fc.constant('*/*'), 'accept-encoding': fc.constantFrom('gzip', 'identity') }),
  principal: some({ 'x-ms-client-principal': fc.constant(claims('Kataudit.Operator')) }),
  conditions: some({ 'if-match': fc.constant('*') }),
};
const BAD = {
  negotiation: some({
    accept: fc.oneof(fc.constantFrom('application/json', 'text/*;q=0.1', 'image/png', ';;q=,'), text),
    'accept-encoding': fc.oneof(fc.constantFrom('gzip;q=0', ';;'), text),
    'content-type': fc.oneof(fc.constant('text/plain'), text),
    'content-length': fc.oneof(fc.constantFrom('0', '65537', '-1', '1e9'), text),
  }),
  principal: some({ 'x-ms-client-principal': fc.oneof(fc.constantFrom(claims('Kataudit.Reader'), claims('Other')), text) }),
  conditions: some({
    'if-match': fc.oneof(fc.constantFrom('"x"', 'W/"x", "y"', '', '"'), text),
    'if-none-match': fc.oneof(fc.constantFrom('*', '"x"', '', ','), text),
  }),
};

function goodQuery(parameters: Operation['facts']['parameters']): fc.Arbitrary<Query> {
  const pairs = parameters
    .filter(({ name }) => name !== 'cursor')
    .map(({ name, schema }) => fitting(schema, document.components.schemas).map((value): [string, string] => [name, String(value)]));
  return pairs.length === 0
    ? fc.constant([])
    : fc.subarray(pairs, { maxLength: Math.min(3, pairs.length) }).chain((chosen) => fc.tuple(...chosen));
}

function badQuery(parameters: Operation['facts']['parameters']): fc.Arbitrary<Query> {
  const name = fc.oneof(hostile, fc.constantFrom('top', 'cursor', ...parameters.map((one) => one.name)));
  return fc.array(fc.tuple(name, hostile), { minLength: 1, maxLength: 3 });
}

function goodBody({ operationId, requestBody: described }: Operation['facts']): fc.Arbitrary<string> {
  // A valid snapshot is never generated at random.
  if (operationId === 'putSnapshot') return fc.constant(JSON.stringify(PUSHED));
  if (described === undefined) return fc.constant('');
  return fitting(described.content['application/json'].schema, document.components.schemas).map((value) => JSON.stringify(value));
}

const badBody = fc.oneof(fc.constant(''), fc.json(), hostile);

/** A snapshot with some invalid values, or not a snapshot at all. */
const oddSnapshot = fc.oneof(
  badBody,
  fc
    .array(fc.tuple(fc.nat({ max: 200 }), fc.oneof(hostile, fc.jsonValue())), { minLength: 1, maxLength: 3 })
    .map((changes) => JSON.stringify(withChanges(PUSHED, new Map(changes)))),
);

/** Replaces values by their path in the document. */
function withChanges(value: unknown, changes: ReadonlyMap<number, unknown>): unknown {
  let at = 0;
  return JSON.parse(JSON.stringify(value), (_, part: unknown) => {
    at += 1;
    return changes.has(at) ? changes.get(at) : part;
  });
}
