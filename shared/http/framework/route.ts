import { z } from 'zod';
import { Fault } from '../../domain/snapshot/fault.ts';
import type { ApiDependencies, ApiRequest, ApiResponse } from './api.ts';
import { authorize, type Caller } from './caller.ts';
import { assertAcceptable, compressed, JSON_TYPE } from './negotiate.ts';
import { isExpected, Problem, problemResponse } from './problem.ts';
import { parseQuery } from './query.ts';

/** The methods that the API knows. */
export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** An answer that a route may give, as the OpenAPI document shows it. */
export interface RouteAnswer {
  readonly description: string;
  /** The name of the component that a JSON body matches. */
  readonly schema?: string;
  /** Media types of a body that is not JSON. */
  readonly mediaTypes?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** What the function, the document and the dispatcher need to know of an operation. */
interface RouteFacts {
  /** The function's name. */
  readonly name: string;
  readonly method: Method;
  /** Below `/api`, in the Functions host's notation; `{*page}` takes slashes. */
  readonly route: string;
  readonly authLevel: 'anonymous' | 'function';
  readonly tag: string;
  readonly summary: string;
  /** Path parameters with what they are. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Request headers that the operation reads, with what they do. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The component that a body must match. */
  readonly body?: { readonly schema: string; readonly required: boolean };
  readonly answers: Readonly<Record<number, RouteAnswer>>;
  /** Answers when the app could not be wired; absent means 503. */
  readonly unwired?: (problem: string) => ApiResponse;
}

/** One operation of the API: what registers its function, documents it and answers it. */
export interface Route extends RouteFacts {
  readonly query: z.ZodObject;
  /** Answers a request; refusals and outside failures are answers, only a bug is thrown. */
  readonly handler: (dependencies: ApiDependencies, request: ApiRequest) => Promise<ApiResponse>;
}

/** One request, checked, as a route's own code sees it. */
export interface Call<Q> {
  /** The route's name. */
  readonly route: string;
  readonly query: Q;
  readonly params: Readonly<Record<string, string>>;
  readonly headers: ApiRequest['headers'];
  readonly caller: Caller;
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
/** A larger body than this is refused; the largest useful one is an exemption. */
export const MAX_BODY_BYTES = 65_536;

const JSON_BODY = /^application\/json\s*(?:;|$)/i;

/** Makes a route whose handler checks all that requests have in common before the route's own code runs. */
export function defineRoute<S extends z.ZodRawShape>({ handle, ...facts }: RouteDefinition<S>): Route {
  const produces = Object.values(facts.answers).flatMap(
    ({ mediaTypes, schema }) => mediaTypes ?? (schema === undefined ? [] : [JSON_TYPE]),
  );
  const answer = async (dependencies: ApiDependencies, request: ApiRequest): Promise<ApiResponse> => {
    const url = parseUrl(request.url);
    if (!methodsOf(facts).includes(request.method)) throw notAllowed(methodsOf(facts));
    const caller = facts.authLevel === 'anonymous' ? { operator: false } : authorize(request.headers, facts.method !== 'GET');
    assertAcceptable(request.headers.get('accept'), produces);
    const query = parseQuery(facts.query, url.searchParams);
    const body = await readBody(request, facts.body !== undefined);
    const { headers } = request;
    return handle(dependencies, { route: facts.name, query, params: decoded(request.params), headers, caller, url, body });
  };
  return {
    ...facts,
    handler: async (dependencies, request) => {
      const response = await answer(dependencies, request).catch(refusal);
      return finish(request.method === 'HEAD' ? await withoutBody(response) : response, request);
    },
  };
}

/**
 * Answers a request from nothing but the route and a way to get the app: a wiring that fails is an
 * answer, and a bug is reported to `onBug` and answered without its text.
 */
export async function serve(
  route: Route,
  getDependencies: () => Promise<ApiDependencies>,
  request: ApiRequest,
  onBug: (error: unknown) => void,
): Promise<ApiResponse> {
  try {
    const dependencies = await getDependencies().catch((error: unknown) => {
      throw new Unwired(error);
    });
    return await route.handler(dependencies, request);
  } catch (error) {
    onBug(error instanceof Unwired ? error.cause : error);
    if (!(error instanceof Unwired)) return problemResponse(error);
    return finish(
      route.unwired?.(error.message) ?? problemResponse(new Fault('unreachable', 'The app cannot start; GET /api/health/detail says why.')),
      request,
    );
  }
}

/** The methods of requests that a route answers: what can be got can be asked for without its body. */
export function methodsOf({ method }: Pick<Route, 'method'>): readonly string[] {
  return method === 'GET' ? ['GET', 'HEAD'] : [method];
}

async function withoutBody({ status, headers, body }: ApiResponse): Promise<ApiResponse> {
  if (body instanceof ReadableStream) await body.cancel();
  return { status, headers };
}

/** The refusal of a method that a path does not have. */
export function notAllowed(methods: readonly string[]): Problem {
  return new Problem(405, `This path takes ${methods.join(', ')}.`, [], { allow: methods.join(', ') });
}

class Unwired extends Error {
  constructor(cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function refusal(error: unknown): ApiResponse {
  if (isExpected(error)) return problemResponse(error);
  throw error;
}

function finish(response: ApiResponse, request: ApiRequest): Promise<ApiResponse> {
  const headers = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store', ...response.headers };
  return compressed({ ...response, headers }, request.headers.get('accept-encoding'));
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
    if (error instanceof URIError) throw new Problem(404, 'There is nothing with this id.');
    throw error;
  }
}

/** A body that nobody reads is not even fetched; one that is too large is refused everywhere. */
async function readBody(request: ApiRequest, wanted: boolean): Promise<string> {
  const tooLarge = new Problem(413, `The body is larger than ${MAX_BODY_BYTES} bytes.`);
  if (Number(request.headers.get('content-length') ?? 0) > MAX_BODY_BYTES) throw tooLarge;
  if (!wanted) return '';
  const body = await readUpTo(request.body, MAX_BODY_BYTES);
  if (body === undefined) throw tooLarge;
  if (body !== '' && !JSON_BODY.test(request.headers.get('content-type') ?? '')) {
    throw new Problem(415, 'The body must be JSON, with content-type: application/json.');
  }
  return body;
}

/** A body that is too large is read to its end, but not kept: cutting it off would cut off the answer too. */
async function readUpTo(body: ApiRequest['body'], most: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    if (size <= most) chunks.push(chunk);
    else chunks.length = 0;
  }
  return size > most ? undefined : new TextDecoder().decode(Buffer.concat(chunks));
}
