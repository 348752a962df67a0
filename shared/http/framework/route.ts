import { z } from 'zod';
import type { AccessRules, Caller } from '../access/decide.ts';
import { methodsOf, ROUTE_TABLE, type RouteEntry, type RouteName } from '../access/route-table.ts';
import type { ApiDependencies, ApiRequest, ApiResponse } from './api.ts';
import { type BodyBounds, readBounded } from './body.ts';
import { assertAcceptable, compressed, JSON_TYPE } from './negotiate.ts';
import { isExpected, Problem, problemResponse } from './problem.ts';
import { parseQuery } from './query.ts';
import type { Tag } from './tags.ts';

/** An answer that a route may give, as the OpenAPI document shows it. */
export interface RouteAnswer {
  readonly description: string;
  /** The component that a JSON body matches. */
  readonly schema?: z.ZodType;
  /** Media types of a body that is not JSON. */
  readonly mediaTypes?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** The body that an operation takes. */
interface BodyFacts extends BodyBounds {
  /** The component that a body must match. */
  readonly schema: z.ZodType;
  readonly required: boolean;
  /** A form of a page is taken too. */
  readonly form?: true;
}

/** What the document and the dispatcher need to know of an operation beside its entry in the table of routes. */
interface RouteFacts {
  /** The function's name, by which the table of routes says its method, path and who may use it. */
  readonly name: RouteName;
  readonly tag: Tag;
  readonly summary: string;
  /** Path parameters with what they are. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Request headers that the operation reads, with what they do. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body that it takes; absent where it takes none. */
  readonly body?: BodyFacts;
  readonly answers: Readonly<Record<number, RouteAnswer>>;
  /** Answers everybody alike, without the app: what nobody has to be let in for must not wake the storage. */
  readonly constant?: () => ApiResponse;
  /** Answers when the app could not be wired; absent means 503. */
  readonly unwired?: (problem: string) => ApiResponse;
  /** Answers, for a page that people open, before it is decided whether they may see it; `undefined` leaves it to the decision. */
  readonly entrance?: (request: ApiRequest, admission: Admission) => Promise<ApiResponse | undefined>;
  /** Answers a request whose address cannot be used, for a page that people open; `undefined` leaves it to the problem details. */
  readonly wrong?: (problem: Problem, request: ApiRequest) => ApiResponse | undefined;
  /** Answers who was refused, for a page that people open; `undefined` leaves it to the problem details. */
  readonly refused?: (refusal: Problem, request: ApiRequest, rules: AccessRules) => ApiResponse | undefined;
}

/** One operation of the API: what documents it and answers it. */
export interface Route extends RouteFacts, RouteEntry {
  readonly query: z.ZodObject;
  /** Throws a refusal of a request that is wrong in what all requests have in common. */
  readonly assertGood: (request: ApiRequest) => void;
  /** Answers a caller who may use the route; refusals and outside failures are answers, only a bug is thrown. */
  readonly handler: (dependencies: ApiDependencies, request: ApiRequest, admitted: Admitted) => Promise<ApiResponse>;
}

/** What admitting a caller rests on. */
export interface Admission {
  readonly rules: AccessRules;
  /** Seals sessions; asked of the app's storage. */
  readonly secret: () => Promise<string>;
  readonly now: () => Date;
}

/** A caller who may use the route. */
export interface Admitted {
  readonly caller: Caller;
  /** Throws where the settings that say who may do what cannot be used. */
  readonly admission: () => Admission;
}

/** One request, checked, as a route's own code sees it. */
export interface Call<Q> {
  /** The route's name. */
  readonly route: string;
  readonly query: Q;
  readonly params: Readonly<Record<string, string>>;
  readonly headers: ApiRequest['headers'];
  readonly caller: Caller;
  readonly admission: Admitted['admission'];
  readonly url: URL;
  /** Empty when there is none. */
  readonly body: string;
}

interface RouteDefinition<S extends z.ZodRawShape> extends RouteFacts {
  readonly query: z.ZodObject<S>;
  readonly handle: (dependencies: ApiDependencies, call: Call<z.output<z.ZodObject<S>>>) => Promise<ApiResponse>;
}

/** The query of a route that takes no parameter. */
export const NO_QUERY = z.strictObject({});
/** A longer URL than this is refused; the longest useful one is a filter with a cursor. */
export const MAX_URL_LENGTH = 8_192;
const JSON_BODY = /^application\/json\s*(?:;|$)/i;
const FORM_BODY = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;

/** Makes a route whose handler checks all that requests have in common before the route's own code runs. */
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

/** The path of a request as a link within the app: one slash at its beginning, since two would lead to another host. */
export function pathOf({ pathname }: URL): string {
  return `/${pathname.replace(/^\/+|\/+$/g, '')}`;
}

/** The refusal of a method that a path does not have. */
export function notAllowed(methods: readonly string[]): Problem {
  return new Problem(405, `This path supports ${methods.join(', ')}.`, [], { allow: methods.join(', ') });
}

function refusal(error: unknown): ApiResponse {
  if (isExpected(error)) return problemResponse(error);
  throw error;
}

/** Gives an answer what every answer has, and takes the body from one to `HEAD`. */
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

/** Route parameters with their percent signs resolved; the host leaves an encoded slash as it is. */
function decoded(params: Readonly<Record<string, string>>): Record<string, string> {
  try {
    return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, decodeURIComponent(value)]));
  } catch (error) {
    if (error instanceof URIError) throw new Problem(404, 'Nothing has this id.');
    throw error;
  }
}

/** The text of a body of the type that the operation takes. */
async function readBody(request: ApiRequest, wanted: RouteFacts['body']): Promise<string> {
  const body = await readBounded(request, wanted);
  const type = request.headers.get('content-type') ?? '';
  if (body !== '' && !JSON_BODY.test(type) && !(wanted?.form === true && FORM_BODY.test(type))) {
    throw new Problem(415, 'The body must be JSON, with content-type: application/json.');
  }
  return body;
}
