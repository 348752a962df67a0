import type { PipelinePolicy, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';
import type { z } from 'zod';
import { Fault } from '../../domain/snapshot/fault.ts';
import { withTimeLimit } from '../../ports/time-limit.ts';
import type { Bucket } from '../budget/bucket.ts';
import { sleepForReal } from '../budget/budget.ts';
import { learn, retryAfterMs } from '../budget/rate-headers.ts';
import { beforeAbort } from './abort.ts';
import { type CallWords, isPassing } from './fault.ts';
import { type AzureOptions, budgetsOf } from './options.ts';

/** One logical call to Azure: with its pages and its further tries. */
export interface AzureCall<T> extends CallWords {
  /** The budgets it is counted by: the service's own first, then the front door's. */
  readonly buckets: readonly Bucket[];
  /** What a good answer looks like; fields that it does not name are ignored. */
  readonly schema: z.ZodType<T>;
  readonly abortSignal: AbortSignal;
  /** Statuses of success; 200 when absent. */
  readonly accepts?: readonly number[];
  /** Set where the body of a success says nothing, and may be empty: the schema is given `undefined`. */
  readonly ignoresBody?: true;
}

const DEFAULT_ATTEMPT_TIMEOUT_MS = 30_000;
/** Further tries after a failure that is not about call budgets; those are limited by time alone. */
const MAX_RETRIES = 4;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** No page of any list comes near it. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;
const PASSING_STATUS = new Set([408, 429, 500, 502, 503, 504]);

/** What the tries of one call share. */
export interface Run<T> {
  readonly call: AzureCall<T>;
  readonly options: AzureOptions;
  readonly deadline: number;
  /** No try starts before this time, milliseconds since the epoch. */
  notBefore: number;
  /** Tries that failed for another reason than call budgets. */
  failures: number;
}

/** The innermost step: waits for the budgets, bounds the try in time and size, and learns from the answer. */
export function paced<T>(run: Run<T>): PipelinePolicy {
  const { call, options } = run;
  const budgets = budgetsOf(options);
  return {
    name: 'katauditPaced',
    async sendRequest(request, next) {
      await pause(run);
      for (const bucket of call.buckets) await budgets.take(bucket, { ...run, ...call });
      const outer = request.abortSignal;
      // The body is ours to read: the SDK's own reading has no limit of size.
      request.streamResponseStatusCodes = new Set([Number.POSITIVE_INFINITY]);
      const limitMs = options.attemptTimeoutMs ?? DEFAULT_ATTEMPT_TIMEOUT_MS;
      let ends: AbortSignal | undefined;
      try {
        return await withTimeLimit(limitMs, call.abortSignal, async (signal) => {
          ends = signal;
          request.abortSignal = signal;
          const response = await beforeAbort(next(request), signal);
          learn(budgets, call.buckets, response, options.clock().getTime());
          const { readableStreamBody, ...rest } = response;
          return { ...rest, bodyAsText: await beforeAbort(textOf(readableStreamBody, call), signal) };
        });
      } catch (error) {
        if (call.abortSignal.aborted || error instanceof Fault) throw error;
        throw await transportError(request, error, ends?.aborted === true);
      } finally {
        if (outer === undefined) delete request.abortSignal;
        else request.abortSignal = outer;
      }
    },
  };
}

async function textOf(body: AsyncIterable<string | Uint8Array> | undefined, { what }: CallWords): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_BODY_BYTES) throw new Fault('too-large', `Cannot ${what}: the answer is larger than 64 MiB.`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** What broke the connection, in the one form that the SDK's retry policy looks at. */
async function transportError(request: PipelineRequest, cause: unknown, timedOut: boolean): Promise<unknown> {
  const { RestError } = await import('@azure/core-rest-pipeline');
  if (cause instanceof RestError || !(cause instanceof Error)) return cause;
  const code = timedOut ? 'ETIMEDOUT' : Reflect.get(cause, 'code');
  if (typeof code !== 'string') return cause;
  const error = new RestError(timedOut ? 'The try timed out.' : cause.message, { code, request });
  error.cause = cause;
  return error;
}

async function pause<T>({ notBefore, call, options }: Run<T>): Promise<void> {
  const wait = notBefore - options.clock().getTime();
  if (wait > 0) await (options.sleep ?? sleepForReal)(wait, call.abortSignal);
}

/** Whether to try again: the waiting itself is done before the next try, together with the waiting for budgets. */
export function again<T>(
  run: Run<T>,
  state: { readonly retryCount: number; readonly response?: PipelineResponse; readonly responseError?: Error },
): { readonly skipStrategy?: boolean; readonly retryAfterInMs?: number } {
  const { response, responseError, retryCount } = state;
  const passing = response === undefined ? isPassing(responseError) : PASSING_STATUS.has(response.status);
  if (response?.status !== 429) run.failures += 1;
  if (!passing || run.failures > MAX_RETRIES) return { skipStrategy: true };
  const now = run.options.clock().getTime();
  const asked = response === undefined ? undefined : retryAfterMs(response, now);
  const notBefore = now + (asked ?? backoff(retryCount, run.options.random ?? Math.random));
  if (notBefore >= run.deadline) return { skipStrategy: true };
  run.notBefore = notBefore;
  return { retryAfterInMs: 0 };
}

function backoff(retryCount: number, random: () => number): number {
  const ceiling = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(retryCount, 10));
  return ceiling * (0.5 + random() / 2);
}
