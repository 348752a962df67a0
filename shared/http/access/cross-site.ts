/** The parts of a request that are checked for cross-site access. */
export interface AccessRequest {
  readonly method: string;
  readonly headers: { get(name: string): string | null };
}

/**
 * Whether a browser sent a writing request from a page of another site. Browsers state this in `Sec-Fetch-Site`; older ones only send the
 * origin of the page. A request with neither header does not come from a browser. Source: the algorithm of Go's
 * `net/http.CrossOriginProtection`.
 */
export function isCrossSite({ method, headers }: AccessRequest, ownOrigin: string | undefined): boolean {
  if (method === 'GET' || method === 'HEAD') return false;
  const site = headers.get('sec-fetch-site');
  if (site !== null) return site !== 'same-origin' && site !== 'none';
  const origin = headers.get('origin');
  return origin !== null && origin !== ownOrigin;
}
