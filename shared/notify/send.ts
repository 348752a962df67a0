import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { assertPublicHost, publicLookup } from './address-guard.ts';

/** One POST, and how long it may take. */
export interface Sending {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether addresses of this machine and of private networks may be reached. */
  readonly allowPrivate: boolean;
  readonly abortSignal: AbortSignal;
}

/** Sends a body and resolves to the status of the answer, whose body is not read; follows no redirect. Rejects when there is none. */
export async function send({ url, headers, body, allowPrivate, abortSignal }: Sending): Promise<number> {
  const target = new URL(url);
  if (!allowPrivate) assertPublicHost(target.hostname);
  const request = target.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((done, fail) => {
    const length = { 'content-length': String(Buffer.byteLength(body)) };
    const options = {
      method: 'POST',
      headers: { ...headers, ...length },
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
