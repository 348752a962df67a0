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

/** One logical call to Azure, including its pages and retries. */
export interface AzureCall<T> extends CallWords {
  /** The budgets that the call counts against: the service's first, then Azure Resource Manager's. */
  readonly buckets: readonly Bucket[];
  /** The schema of a valid response; unknown fields are ignored. */
  readonly schema: z.ZodType<T>;
  readonly abortSignal: AbortSignal;
  /** Statuses of success; 200 if absent. */
  readonly accepts?: readonly number[];
  /** Set if the body of a success is not needed and may be empty; the schema then gets `undefined`. */
  readonly ignoresBody?: true;
}

const DEFAULT_ATTEMPT_TIMEOUT_MS = 30_000;
/** Maximum number of retries for failures other than throttling, which is limited only by time. */
const MAX_RETRIES = 4;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** No page of any list comes close to this size. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;
const PASSING_STATUS = new Set([408, 429, 500, 502, 503, 504]);

/** State shared by the tries of one call. */
export interface Run<T> {
  readonly call: AzureCall<T>;
  readonly options: AzureOptions;
  readonly deadline: number;
  /** No try starts before this time, in milliseconds since the epoch. */
  notBefore: number;
  /** Number of tries that failed for other reasons than throttling. */
  failures: number;
}

/** The innermost policy: waits for the budgets, limits each try in time and size, and learns from the response. */
export function paced<T>(run: Run<T>): PipelinePolicy {
  const { call, options } = run;
  const budgets = budgetsOf(options);
  return {
    name: 'katauditPaced',
    async sendRequest(request, next) {
      await pause(run);
      for (const bucket of call.buckets) await budgets.take(bucket, { ...run, ...call });
      const outer = request.abortSignal;
      // The body is read here, because the SDK's own reading has no size limit.
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
    if (size > MAX_BODY_BYTES) throw new Fault('too-large', `Cannot ${what}: the response is larger than 64 MiB.`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Converts a connection error to the form that the SDK's retry policy checks. */
async function transportError(request: PipelineRequest, cause: unknown, timedOut: boolean): Promise<unknown> {
  const { RestError } = await import('@azure/core-rest-pipeline');
  if (cause instanceof RestError || !(cause instanceof Error)) return cause;
  const code = timedOut ? 'ETIMEDOUT' : Reflect.get(cause, 'code');
  if (typeof code !== 'string') return cause;
  const error = new RestError(timedOut ? 'The attempt timed out.' : cause.message, { code, request });
  error.cause = cause;
  return error;
}

async function pause<T>({ notBefore, call, options }: Run<T>): Promise<void> {
  const wait = notBefore - options.clock().getTime();
  if (wait > 0) await (options.sleep ?? sleepForReal)(wait, call.abortSignal);
}

/** Decides whether to retry. The wait happens before the next try, together with the wait for budgets. */
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
  const ceiling = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** retryCount);
  return ceiling * (0.5 + random() / 2);
}
