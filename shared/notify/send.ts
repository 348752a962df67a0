import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { assertPublicHost, publicLookup } from './address-guard.ts';

/** One POST request and its limits. */
export interface Sending {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether addresses of this machine and of private networks are allowed. */
  readonly allowPrivate: boolean;
  readonly abortSignal: AbortSignal;
}

/**
 * Sends a body and resolves to the status of the response, whose body is not read. Follows no redirect. Rejects if there is no response.
 */
export async function send({ url, headers, body, allowPrivate, abortSignal }: Sending): Promise<number> {
  const target = new URL(url);
  if (!allowPrivate) assertPublicHost(target.hostname);
  const request = target.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((done, fail) => {
    const options = {
      method: 'POST',
      headers,
      signal: abortSignal,
      ...(allowPrivate ? {} : { lookup: publicLookup }),
    };
    const asked = request(target, options, (response) => {
      done(response.statusCode ?? 0);
      response.destroy();
    });
    asked.on('error', fail);
    asked.end(body);
  });
}
