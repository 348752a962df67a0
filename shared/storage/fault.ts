import { z } from 'zod';
import { Fault } from '../domain/snapshot/fault.ts';

const shape = z.object({ statusCode: z.number().optional() });

/** Returns the HTTP status of a failed storage call; `undefined` without a response. */
export function statusOf(error: unknown): number | undefined {
  return shape.safeParse(error).data?.statusCode;
}

/** Converts an error of a storage library to a `Fault`; `what` completes "Cannot …". A `Fault` is returned unchanged. */
export function faultOf(error: unknown, what: string): Fault {
  if (error instanceof Fault) return error;
  const status = statusOf(error);
  const because = { cause: error };
  const message = error instanceof Error ? (error.message.split('\n')[0] ?? '').slice(0, 300) : String(error);
  if (status === 401 || status === 403) {
    return new Fault('denied', `Cannot ${what}: the identity lacks a data role on the storage account (${message})`, because);
  }
  if (status === 404) return new Fault('not-found', `Cannot ${what}: it does not exist.`, because);
  if (status === 409 || status === 412) return new Fault('conflict', `Cannot ${what}: another process has written it.`, because);
  if (status === 413) return new Fault('too-large', `Cannot ${what}: it is larger than the service allows.`, because);
  if (status === 429 || status === 503) return new Fault('throttled', `Cannot ${what}: the storage account is busy.`, because);
  if (status !== undefined && status < 500)
    return new Fault('malformed', `Cannot ${what}: the storage rejected it (${status}: ${message})`, because);
  if (error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError')) {
    return new Fault('timed-out', `Cannot ${what}: the storage did not answer in time.`, because);
  }
  return new Fault('unreachable', `Cannot ${what}: ${message}`, because);
}

/** Runs a storage call and converts its errors to a `Fault`. */
export async function attempt<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw faultOf(error, what);
  }
}
