import { gunzipSync } from 'node:zlib';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { z } from 'zod';
import type { AccessRules } from '../../shared/http/access/decide.ts';
import type { ApiDependencies, ApiRequest, ApiResponse } from '../../shared/http/framework/api.ts';
import { matchRoute } from '../../shared/http/framework/match.ts';
import { openApi } from '../../shared/http/framework/openapi.ts';
import type { Route } from '../../shared/http/framework/route.ts';
import { answerUnknown, serve } from '../../shared/http/framework/serve.ts';
import { ROUTES } from '../../shared/http/routes.ts';
import { aWorld, KEYS_ALONE, OPERATOR_KEY, ORIGIN, SIGN_IN_ALONE } from '../support/access.ts';

/** A request of a test. */
export interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | ReadableStream<Uint8Array>;
  /** The access rules; absent: only keys, or only sign-in when the platform's header is sent. */
  readonly rules?: AccessRules;
}

/** An answer with its body. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly json: unknown;
}

const document = z
  .object({
    paths: z.record(
      z.string(),
      z.record(z.string(), z.object({ responses: z.record(z.string(), z.object({ content: z.unknown() }).partial()) })),
    ),
    components: z.object({ schemas: z.record(z.string(), z.unknown()) }),
  })
  .parse(openApi(ROUTES, '1.2.3'));
const ajv = new Ajv2020({ strict: false, allErrors: true, formats: { 'date-time': isUtc, date: /^\d{4}-\d{2}-\d{2}$/ } });
ajv.addSchema({ $id: 'https://kataudit.example/openapi', components: document.components });

/**
 * Calls the API like the host, with a key that may do everything unless the request has its own credential,
 * and fails when the OpenAPI document does not allow the answer.
 */
export async function ask(
  dependencies: ApiDependencies,
  path: string,
  { method = 'GET', headers = {}, body = '', rules }: Ask = {},
): Promise<Answer> {
  const url = new URL(path.startsWith('/api/') ? path : path.replace(/^\//, '/api/'), ORIGIN).href;
  const below = url.slice(`${ORIGIN}/api`.length).split('?')[0] ?? '';
  const match = matchRoute(ROUTES, method, below);
  const signedIn = headers['x-ms-client-principal'] !== undefined;
  const request: ApiRequest = {
    method,
    url,
    headers: new Headers({
      ...(body === '' ? {} : { 'content-type': 'application/json' }),
      ...(rules === undefined && !signedIn ? { 'x-functions-key': OPERATOR_KEY } : {}),
      ...headers,
    }),
    params: match.kind === 'route' ? match.params : {},
    body: typeof body === 'string' ? new Blob([body]).stream() : body,
  };
  if (match.kind !== 'route') return read(await answerUnknown(ROUTES, request));
  const world = aWorld(async () => dependencies, rules ?? (signedIn ? SIGN_IN_ALONE : KEYS_ALONE));
  const answer = await read(await serve(match.route, world, request));
  if (world.bugs.length > 0) throw world.bugs[0];
  assertDocumented(match.route, answer);
  return answer;
}

/** Reads an answer's body, decompressed. */
export async function read({ status, headers, body }: ApiResponse): Promise<Answer> {
  const bytes = new Uint8Array(await new Response(body ?? null).arrayBuffer());
  const text = Buffer.from(headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString('utf8');
  const isJson = text !== '' && /^application\/(?:problem\+)?json/.test(headers['content-type'] ?? '');
  return { status, headers, text, json: isJson ? JSON.parse(text) : undefined };
}

/** Fails when the OpenAPI document does not allow the answer. */
export function assertDocumented(route: Route, { status, headers, json, text }: Answer): void {
  const path = `/${route.route.replace('{*', '{')}`;
  const response = document.paths[path]?.[route.method.toLowerCase()]?.responses[String(status)];
  if (response === undefined) throw new Error(`${route.name} answers an undocumented ${status}: ${text}`);
  const type = (headers['content-type'] ?? '').split(';')[0] ?? '';
  const content = z
    .record(z.string(), z.object({ schema: z.record(z.string(), z.unknown()) }))
    .optional()
    .parse(response.content);
  if (content === undefined) {
    if (text !== '') throw new Error(`${route.name} ${status} has a body that is not documented.`);
    return;
  }
  const schema = content[type]?.schema;
  if (schema === undefined) throw new Error(`${route.name} ${status} has the undocumented type ${type}.`);
  if (json === undefined) return;
  const reference = schema.$ref;
  const valid = ajv.validate(typeof reference === 'string' ? { $ref: `https://kataudit.example/openapi${reference}` } : schema, json);
  if (!valid) throw new Error(`${route.name} ${status} is not in its schema: ${ajv.errorsText()}\n${text}`);
}

function isUtc(text: string): boolean {
  return /Z$/.test(text) && !Number.isNaN(Date.parse(text));
}

/** The value of a list's answer. */
export function listOf(answer: Answer): { readonly value: readonly Record<string, unknown>[]; readonly nextLink?: string | undefined } {
  return z.object({ value: z.array(z.record(z.string(), z.unknown())), nextLink: z.string().optional() }).parse(answer.json);
}

/** The fields that problem details name. */
export function wrongFields(answer: Answer): readonly string[] {
  return z
    .object({ errors: z.array(z.object({ field: z.string() })).default([]) })
    .parse(answer.json)
    .errors.map(({ field }) => field);
}
