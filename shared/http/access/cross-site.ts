/** The part of a request that says who calls. */
export interface AccessRequest {
  readonly method: string;
  readonly headers: { get(name: string): string | null };
}

/**
 * Whether a browser made a writing request for a page of another site. Browsers say so in `Sec-Fetch-Site`;
 * older ones only name the origin of the page. A request with neither header is no browser's.
 * Source: the algorithm of Go's `net/http.CrossOriginProtection`.
 */
export function isCrossSite({ method, headers }: AccessRequest, ownOrigin: string | undefined): boolean {
  if (method === 'GET' || method === 'HEAD') return false;
  const site = headers.get('sec-fetch-site');
  if (site !== null) return site !== 'same-origin' && site !== 'none';
  const origin = headers.get('origin');
  return origin !== null && origin !== ownOrigin;
}
