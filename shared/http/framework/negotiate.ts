import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ApiRequest, ApiResponse } from './api.ts';
import { Problem } from './problem.ts';

/** The media type of every response with a schema. */
export const JSON_TYPE = 'application/json';

/** Below this size, compression saves nothing. */
const MIN_COMPRESSED_LENGTH = 1_024;
const compress = promisify(gzip);

/** Throws 406 if the caller accepts none of the route's media types. */
export function assertAcceptable(accept: string | null, produces: readonly string[]): void {
  if (accept === null || accept.trim() === '' || produces.length === 0) return;
  const ranges = preferences(accept);
  const taken = produces.some((type) => {
    const [main = ''] = type.split('/');
    return (ranges.get(type) ?? ranges.get(`${main}/*`) ?? ranges.get('*/*') ?? 0) > 0;
  });
  if (!taken) throw new Problem(406, `This is available as ${produces.join(' or ')}.`);
}

/** Compresses a response if it is large enough and the caller accepts gzip. */
export async function compressed(response: ApiResponse, acceptEncoding: string | null): Promise<ApiResponse> {
  const { body, headers } = response;
  if (body === undefined || headers['content-encoding'] !== undefined) return response;
  const vary = { ...headers, vary: 'Accept-Encoding' };
  if (!takesGzip(acceptEncoding)) return { ...response, headers: vary };
  const encoded = { ...vary, 'content-encoding': 'gzip' };
  if (body instanceof ReadableStream) {
    return { ...response, headers: encoded, body: body.pipeThrough(new CompressionStream('gzip')) };
  }
  if (body.length < MIN_COMPRESSED_LENGTH) return { ...response, headers: vary };
  return { ...response, headers: encoded, body: new Uint8Array(await compress(body)) };
}

/** Returns a single resource with its ETag, or 304 if the caller already has it. */
export function tagged(value: unknown, ifNoneMatch: string | null, etag = contentTag(value)): ApiResponse {
  const headers = { etag, 'cache-control': 'private, no-cache' };
  if (ifNoneMatch !== null && matchesTag(ifNoneMatch, etag)) return { status: 304, headers };
  return json(value, 200, headers);
}

/** Returns a JSON response. */
export function json(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): ApiResponse {
  return { status, headers: { 'content-type': JSON_TYPE, ...headers }, body: JSON.stringify(value) };
}

/** Whether a list of ETags, as in `If-None-Match`, contains this one; uses weak comparison. */
export function matchesTag(list: string, etag: string): boolean {
  const strip = (tag: string) => tag.trim().replace(/^W\//, '');
  return list.trim() === '*' || list.split(',').some((tag) => strip(tag) === strip(etag));
}

/**
 * Checks the caller's `If-Match` or `If-None-Match` against the stored version (`undefined`: none). Throws 412 if it does not match, and
 * 428 if something is stored and the caller names no version.
 */
export function assertUnchanged(headers: ApiRequest['headers'], etag: string | undefined, what: string): void {
  const ifMatch = headers.get('if-match');
  const ifNoneMatch = headers.get('if-none-match');
  if (ifMatch !== null && (etag === undefined || !matchesTag(ifMatch, etag))) {
    throw new Problem(412, etag === undefined ? `There is no ${what} to replace.` : `The ${what} was changed since it was read.`);
  }
  if (ifNoneMatch !== null && etag !== undefined && matchesTag(ifNoneMatch, etag)) {
    throw new Problem(412, `The ${what} exists already.`);
  }
  if (etag !== undefined && ifMatch === null) {
    throw new Problem(428, `The ${what} exists already. Send its ETag in If-Match to name the version to replace.`);
  }
}

/** A weak tag, because the same content may be sent compressed. */
function contentTag(value: unknown): string {
  return `W/"${createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 27)}"`;
}

function takesGzip(acceptEncoding: string | null): boolean {
  if (acceptEncoding === null) return false;
  const weights = preferences(acceptEncoding);
  return (weights.get('gzip') ?? weights.get('*') ?? 0) > 0;
}

/** The entries of an `Accept…` header in lower case with their weights; an unreadable weight counts as 0. */
function preferences(header: string): ReadonlyMap<string, number> {
  const entries = header.split(',').map((part): [string, number] => {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const weight = parameters.find((text) => text.startsWith('q='))?.slice(2) ?? '1';
    return [name, /^[01](?:\.\d{0,3})?$/.test(weight) ? Number(weight) : 0];
  });
  return new Map(entries);
}
