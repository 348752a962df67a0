import type { Pipeline, PipelinePolicy, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';
import type { z } from 'zod';
import { Fault } from '../domain/fault.ts';
import { parseBody } from './body.ts';
import type { Bucket } from './budget.ts';
import { type CallWords, faultOfAnswer, faultOfError, isPassing } from './fault.ts';
import { type AzureOptions, budgetsOf } from './options.ts';
import { learn, retryAfterMs } from './rate-headers.ts';

/** One logical call to Azure: with its pages and its further tries. */
export interface AzureCall<T> extends CallWords {
  /** The budgets it is counted by: the service's own first, then the front door's. */
  readonly buckets: readonly Bucket[];
  /** What a good answer looks like; fields that it does not name are ignored. */
  readonly schema: z.ZodType<T>;
  readonly abortSignal: AbortSignal;
}

const DEFAULT_TIME_BUDGET_MS = 240_000;
const DEFAULT_ATTEMPT_TIMEOUT_MS = 30_000;
/** Further tries after a failure that is not about call budgets; those are limited by time alone. */
const MAX_RETRIES = 4;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
const PASSING_STATUS = new Set([408, 429, 500, 502, 503, 504]);

/** What the steps of one call share. */
interface Run<T> {
  readonly call: AzureCall<T>;
  readonly options: AzureOptions;
  readonly deadline: number;
  /** No try starts before this time, milliseconds since the epoch. */
  notBefore: number;
}

/**
 * Prepares an SDK client's pipeline for one call: every try waits for its budgets, failures become
 * `Fault`, and an answer is checked before the SDK, which trusts it, sees it. Returns the checked
 * answers, which fill while the call goes on.
 */
export async function prepare<T>(pipeline: Pipeline, call: AzureCall<T>, options: AzureOptions): Promise<readonly T[]> {
  const { retryPolicy } = await import('@azure/core-rest-pipeline');
  const now = options.clock().getTime();
  const run: Run<T> = { call, options, deadline: now + (options.timeBudgetMs ?? DEFAULT_TIME_BUDGET_MS), notBefore: now };
  const answers: T[] = [];
  pipeline.removePolicy({ name: 'defaultRetryPolicy' });
  pipeline.addPolicy(checked(run, answers), { beforePolicies: ['bearerTokenAuthenticationPolicy'] });
  pipeline.addPolicy(retryPolicy([{ name: 'budgeted', retry: (state) => again(run, state) }], { maxRetries: Number.MAX_SAFE_INTEGER }), {
    phase: 'Retry',
  });
  pipeline.addPolicy(paced(run), { afterPhase: 'Retry' });
  return answers;
}

/** The client options that every client of this folder shares. */
export function clientOptions({ armEndpoint, tlsOptions }: AzureOptions) {
  const endpoint = armEndpoint.replace(/\/+$/, '');
  return {
    endpoint,
    credentials: { scopes: [`${endpoint}/.default`] },
    redirectOptions: { maxRetries: 0 },
    userAgentOptions: { userAgentPrefix: 'kataudit' },
    ...(tlsOptions === undefined ? {} : { tlsOptions }),
  };
}

/** The outermost step: what it lets out is a checked answer or a `Fault`. */
function checked<T>({ call, options }: Run<T>, answers: T[]): PipelinePolicy {
  return {
    name: 'katauditChecked',
    async sendRequest(request, next) {
      assertOurs(request, options, call);
      request.abortSignal = call.abortSignal;
      let response: PipelineResponse;
      try {
        response = await next(request);
      } catch (error) {
        throw faultOfError(error, call, call.abortSignal);
      }
      if (response.status !== 200) throw faultOfAnswer(answerOf(response, options.clock().getTime()), call);
      const answer = parseBody(call.schema, response.bodyAsText ?? '', call.what);
      answers.push(answer);
      return { ...response, bodyAsText: pagingOnly(answer) };
    },
  };
}

/** A next page's address is the server's text: the token goes to Azure Resource Manager and to nobody else. */
function assertOurs({ url }: PipelineRequest, { armEndpoint }: AzureOptions, { what }: CallWords): void {
  if (URL.canParse(url) && new URL(url).origin === new URL(armEndpoint).origin) return;
  throw new Fault('malformed', `Cannot ${what}: the answer's nextLink leads to another server.`);
}

/** The SDK is left to drive the paging; its deserializers, which trust what they are given, get nothing to trip over. */
function pagingOnly(answer: unknown): string {
  const nextLink = typeof answer === 'object' && answer !== null && 'nextLink' in answer ? answer.nextLink : undefined;
  return JSON.stringify({ value: [], nextLink: nextLink ?? undefined });
}

/** The innermost step: waits for the budgets, bounds the try in time, and learns from the answer. */
function paced<T>(run: Run<T>): PipelinePolicy {
  const { call, options } = run;
  const budgets = budgetsOf(options);
  return {
    name: 'katauditPaced',
    async sendRequest(request, next) {
      await pause(run);
      for (const bucket of call.buckets) await budgets.take(bucket, { ...run, ...call });
      const outer = request.abortSignal;
      const attempt = AbortSignal.timeout(options.attemptTimeoutMs ?? DEFAULT_ATTEMPT_TIMEOUT_MS);
      request.abortSignal = AbortSignal.any([call.abortSignal, attempt]);
      try {
        const response = await next(request);
        learn(budgets, call.buckets, response, options.clock().getTime());
        return response;
      } catch (error) {
        if (attempt.aborted && !call.abortSignal.aborted) throw await tryTimedOut(request, error);
        throw error;
      } finally {
        if (outer === undefined) delete request.abortSignal;
        else request.abortSignal = outer;
      }
    },
  };
}

async function pause<T>({ notBefore, call, options }: Run<T>): Promise<void> {
  const wait = notBefore - options.clock().getTime();
  if (wait <= 0) return;
  const { sleepForReal } = await import('./budget.ts');
  await (options.sleep ?? sleepForReal)(wait, call.abortSignal);
}

async function tryTimedOut(request: PipelineRequest, cause: unknown): Promise<Error> {
  const { RestError } = await import('@azure/core-rest-pipeline');
  const error = new RestError('The try timed out.', { code: 'ETIMEDOUT', request });
  error.cause = cause;
  return error;
}

/** Whether to try again: the waiting itself is done before the next try, with the waiting for budgets. */
function again<T>(
  run: Run<T>,
  state: { readonly retryCount: number; readonly response?: PipelineResponse; readonly responseError?: Error },
): { readonly skipStrategy?: boolean; readonly retryAfterInMs?: number } {
  const { response, responseError, retryCount } = state;
  const passing = response === undefined ? isPassing(responseError) : PASSING_STATUS.has(response.status);
  if (!passing || (response?.status !== 429 && retryCount >= MAX_RETRIES)) return { skipStrategy: true };
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

function answerOf(response: PipelineResponse, now: number) {
  const wait = retryAfterMs(response, now);
  return {
    status: response.status,
    body: response.bodyAsText ?? '',
    ...(wait === undefined ? {} : { retryAfterSeconds: Math.ceil(wait / 1000) }),
  };
}
