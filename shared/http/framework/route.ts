import { z } from 'zod';
import type { AccessRules, Caller } from '../access/decide.ts';
import { methodsOf, ROUTE_TABLE, type RouteEntry, type RouteName } from '../access/route-table.ts';
import type { ApiDependencies, ApiRequest, ApiResponse } from './api.ts';
import { type BodyBounds, readBounded } from './body.ts';
import { assertAcceptable, compressed, JSON_TYPE } from './negotiate.ts';
import { isExpected, Problem, problemResponse } from './problem.ts';
import { parseQuery } from './query.ts';
import type { Tag } from './tags.ts';

/** A response of a route, as documented in OpenAPI. */
export interface RouteAnswer {
  readonly description: string;
  /** The component of a JSON body. */
  readonly schema?: z.ZodType;
  /** Media types of a body that is not JSON. */
  readonly mediaTypes?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** The body of a request. */
interface BodyFacts extends BodyBounds {
  /** The component that a body must match. */
  readonly schema: z.ZodType;
  readonly required: boolean;
  /** HTML forms are accepted too. */
  readonly form?: true;
}

/** The data about an operation besides its entry in the table of routes. */
interface RouteFacts {
  /** The function's name, which is the key in the table of routes. */
  readonly name: RouteName;
  readonly tag: Tag;
  readonly summary: string;
  /** Path parameters with their descriptions. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Request headers with their descriptions. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The request body; absent if there is none. */
  readonly body?: BodyFacts;
  readonly answers: Readonly<Record<number, RouteAnswer>>;
  /** Returns the same response for everybody without the app, so that public requests do not use the storage. */
  readonly constant?: () => ApiResponse;
  /** Returns a response if the app could not be started; 503 if absent. */
  readonly unwired?: (problem: string) => ApiResponse;
  /** For pages: answers before the access decision; `undefined` continues with the decision. */
  readonly entrance?: (request: ApiRequest, admission: Admission) => Promise<ApiResponse | undefined>;
  /** For pages: answers a request with an invalid address; `undefined` returns problem details. */
  readonly wrong?: (problem: Problem, request: ApiRequest) => ApiResponse | undefined;
  /** For pages: answers a refused request; `undefined` returns problem details. */
  readonly refused?: (refusal: Problem, request: ApiRequest, rules: AccessRules) => ApiResponse | undefined;
}

/** One operation of the API with its documentation and handler. */
export interface Route extends RouteFacts, RouteEntry {
  readonly query: z.ZodObject;
  /** Throws a refusal if the request breaks a rule that applies to all requests. */
  readonly assertGood: (request: ApiRequest) => void;
  /** Handles an authorized request; refusals and external failures become responses, and only bugs are thrown. */
  readonly handler: (dependencies: ApiDependencies, request: ApiRequest, admitted: Admitted) => Promise<ApiResponse>;
}

/** Input of the access decision. */
export interface Admission {
  readonly rules: AccessRules;
  /** Returns the secret of sessions from the app's storage. */
  readonly secret: () => Promise<string>;
  readonly now: () => Date;
}

/** An authorized caller. */
export interface Admitted {
  readonly caller: Caller;
  /** Throws if the access settings are invalid. */
  readonly admission: () => Admission;
}

/** One validated request, as a route's own code gets it. */
export interface Call<Q> {
  /** The route's name. */
  readonly route: string;
  readonly query: Q;
  readonly params: Readonly<Record<string, string>>;
  readonly headers: ApiRequest['headers'];
  readonly caller: Caller;
  readonly admission: Admitted['admission'];
  readonly url: URL;
  /** Empty without a body. */
  readonly body: string;
}

interface RouteDefinition<S extends z.ZodRawShape> extends RouteFacts {
  readonly query: z.ZodObject<S>;
  readonly handle: (dependencies: ApiDependencies, call: Call<z.output<z.ZodObject<S>>>) => Promise<ApiResponse>;
}

/** The query of a route without parameters. */
export const NO_QUERY = z.strictObject({});
/** A longer URL is refused; the longest useful one is a filter with a cursor. */
export const MAX_URL_LENGTH = 8_192;
const JSON_BODY = /^application\/json\s*(?:;|$)/i;
const FORM_BODY = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;

/** Creates a route whose handler validates the request before the route's own code runs. */
export function defineRoute<S extends z.ZodRawShape>({ handle, ...facts }: RouteDefinition<S>): Route {
  const route = { ...ROUTE_TABLE[facts.name], ...facts };
  const produces = Object.values(facts.answers).flatMap(
    ({ mediaTypes, schema }) => mediaTypes ?? (schema === undefined ? [] : [JSON_TYPE]),
  );
  const checked = (request: ApiRequest) => {
    const url = parseUrl(request.url);
    if (!methodsOf(route).some((method) => method === request.method)) throw notAllowed(methodsOf(route));
    assertAcceptable(request.headers.get('accept'), produces);
    return { url, query: parseQuery(facts.query, url.searchParams) };
  };
  const answer = async (dependencies: ApiDependencies, request: ApiRequest, admitted: Admitted): Promise<ApiResponse> => {
    const { url, query } = checked(request);
    const body = await readBody(request, facts.body);
    const { headers } = request;
    return handle(dependencies, { route: facts.name, query, params: decoded(request.params), headers, ...admitted, url, body });
  };
  return {
    ...route,
    assertGood: (request) => void checked(request),
    handler: async (dependencies, request, admitted) => {
      const response = await answer(dependencies, request, admitted).catch((error: unknown) => {
        const shown = error instanceof Problem ? facts.wrong?.(error, request) : undefined;
        return shown ?? refusal(error);
      });
      return finish(response, request);
    },
  };
}

async function withoutBody({ body, ...head }: ApiResponse): Promise<ApiResponse> {
  if (body instanceof ReadableStream) await body.cancel();
  return head;
}

/** Returns the path of a request as a link within the app. It starts with exactly one slash, because two would link to another host. */
export function pathOf({ pathname }: URL): string {
  return `/${pathname.replace(/^\/+|\/+$/g, '')}`;
}

/** Returns the refusal of a method that a path does not support. */
export function notAllowed(methods: readonly string[]): Problem {
  return new Problem(405, `This path supports ${methods.join(', ')}.`, [], { allow: methods.join(', ') });
}

function refusal(error: unknown): ApiResponse {
  if (isExpected(error)) return problemResponse(error);
  throw error;
}

/** Adds the headers that every response has, and removes the body for `HEAD`. */
export async function finish(response: ApiResponse, request: ApiRequest): Promise<ApiResponse> {
  const headers = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store', ...response.headers };
  const whole = { ...response, headers };
  return compressed(request.method === 'HEAD' ? await withoutBody(whole) : whole, request.headers.get('accept-encoding'));
}

function parseUrl(text: string): URL {
  if (text.length > MAX_URL_LENGTH) throw new Problem(414, `The URL is longer than ${MAX_URL_LENGTH} characters.`);
  const url = URL.parse(text);
  if (url === null) throw new Problem(400, 'The URL cannot be read.');
  return url;
}

/** Decodes the percent-encoding of route parameters; the host leaves an encoded slash unchanged. */
function decoded(params: Readonly<Record<string, string>>): Record<string, string> {
  try {
    return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, decodeURIComponent(value)]));
  } catch (error) {
    if (error instanceof URIError) throw new Problem(404, 'Nothing has this id.');
    throw error;
  }
}

/** Reads the text of a body if it has a content type that the operation accepts. */
async function readBody(request: ApiRequest, wanted: RouteFacts['body']): Promise<string> {
  const body = await readBounded(request, wanted);
  const type = request.headers.get('content-type') ?? '';
  if (body !== '' && !JSON_BODY.test(type) && !(wanted?.form === true && FORM_BODY.test(type))) {
    throw new Problem(415, 'The body must be JSON, with content-type: application/json.');
  }
  return body;
}
