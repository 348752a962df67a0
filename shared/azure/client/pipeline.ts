import type { Pipeline, PipelinePolicy, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';
import { Fault } from '../../domain/snapshot/fault.ts';
import { given } from '../../domain/snapshot/given.ts';
import { retryAfterMs } from '../budget/rate-headers.ts';
import { type AzureCall, again, paced, type Run } from './attempt.ts';
import { check, parseBody } from './body.ts';
import { type CallWords, faultOfAnswer, faultOfError } from './fault.ts';
import type { AzureOptions } from './options.ts';

/** Less than a scan has, so that there is time left for what the call was made for. */
const DEFAULT_TIME_BUDGET_MS = 360_000;

/**
 * Prepares an SDK client's pipeline for one call: every try waits for its budgets, failures become
 * `Fault`, and an answer is checked before the SDK, which trusts it, sees it. Returns the checked
 * answers, which fill while the call goes on.
 */
export async function prepare<T>(pipeline: Pipeline, call: AzureCall<T>, options: AzureOptions): Promise<readonly T[]> {
  const { retryPolicy } = await import('@azure/core-rest-pipeline');
  const now = options.clock().getTime();
  const run: Run<T> = { call, options, deadline: now + (options.timeBudgetMs ?? DEFAULT_TIME_BUDGET_MS), notBefore: now, failures: 0 };
  const answers: T[] = [];
  pipeline.removePolicy({ name: 'defaultRetryPolicy' });
  // A compressed body that breaks off would never end: the SDK's client does not pass the break on.
  pipeline.removePolicy({ name: 'decompressResponsePolicy' });
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
  if (!/^https:/i.test(endpoint)) {
    throw new Fault('unsupported', `KATAUDIT_ARM_ENDPOINT must begin with https: no token is sent to ${endpoint}.`);
  }
  return {
    endpoint,
    credentials: { scopes: [`${endpoint}/.default`] },
    redirectOptions: { maxRetries: 0 },
    userAgentOptions: { userAgentPrefix: 'kataudit' },
    ...given({ tlsOptions }),
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
      if (!(call.accepts ?? [200]).includes(response.status)) throw faultOfAnswer(answerOf(response, options.clock().getTime()), call);
      const answer = call.ignoresBody
        ? check(call.schema, undefined, call.what)
        : parseBody(call.schema, response.bodyAsText ?? '', call.what);
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
  return JSON.stringify({ value: [], properties: {}, nextLink: nextLink ?? undefined });
}

function answerOf(response: PipelineResponse, now: number) {
  const wait = retryAfterMs(response, now);
  return {
    status: response.status,
    body: response.bodyAsText ?? '',
    ...(wait === undefined ? {} : { retryAfterSeconds: Math.ceil(wait / 1000) }),
  };
}
