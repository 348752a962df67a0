import type { Pipeline, PipelinePolicy, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';
import { Fault } from '../../domain/snapshot/fault.ts';
import { given } from '../../domain/snapshot/given.ts';
import { retryAfterMs } from '../budget/rate-headers.ts';
import { type AzureCall, again, paced, type Run } from './attempt.ts';
import { check, parseBody } from './body.ts';
import { type CallWords, faultOfAnswer, faultOfError } from './fault.ts';
import type { AzureOptions } from './options.ts';

/** Less than the time limit of a scan, so that time is left to use the result. */
const DEFAULT_TIME_BUDGET_MS = 360_000;

/**
 * Prepares an SDK client's pipeline for one call: every try waits for its budgets, errors become `Fault`, and a response is checked
 * before the SDK sees it. Returns the array of checked responses, which fills during the call.
 */
export async function prepare<T>(pipeline: Pipeline, call: AzureCall<T>, options: AzureOptions): Promise<readonly T[]> {
  const { retryPolicy } = await import('@azure/core-rest-pipeline');
  const now = options.clock().getTime();
  const run: Run<T> = { call, options, deadline: now + (options.timeBudgetMs ?? DEFAULT_TIME_BUDGET_MS), notBefore: now, failures: 0 };
  const answers: T[] = [];
  pipeline.removePolicy({ name: 'defaultRetryPolicy' });
  // With the SDK's policy, a compressed body that breaks off never ends, because the error is not passed on.
  pipeline.removePolicy({ name: 'decompressResponsePolicy' });
  pipeline.addPolicy(checked(run, answers), { beforePolicies: ['bearerTokenAuthenticationPolicy'] });
  pipeline.addPolicy(retryPolicy([{ name: 'budgeted', retry: (state) => again(run, state) }], { maxRetries: Number.MAX_SAFE_INTEGER }), {
    phase: 'Retry',
  });
  pipeline.addPolicy(paced(run), { afterPhase: 'Retry' });
  return answers;
}

/** Client options for every client of this folder. */
export function clientOptions({ armEndpoint, tlsOptions }: AzureOptions) {
  const endpoint = armEndpoint.replace(/\/+$/, '');
  if (!/^https:/i.test(endpoint)) {
    throw new Fault('unsupported', `KATAUDIT_ARM_ENDPOINT must begin with https: a token must not be sent to ${endpoint}.`);
  }
  return {
    endpoint,
    credentials: { scopes: [`${endpoint}/.default`] },
    redirectOptions: { maxRetries: 0 },
    userAgentOptions: { userAgentPrefix: 'kataudit' },
    ...given({ tlsOptions }),
  };
}

/** The outermost policy: returns a checked response or throws a `Fault`. */
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

/** The address of the next page comes from the server. The token is sent only to Azure Resource Manager. */
function assertOurs({ url }: PipelineRequest, { armEndpoint }: AzureOptions, { what }: CallWords): void {
  if (URL.canParse(url) && new URL(url).origin === new URL(armEndpoint).origin) return;
  throw new Fault('malformed', `Cannot ${what}: the response's nextLink points to another server.`);
}

/** The SDK only follows the pages; its deserializers do not check their input, so they get nothing but the link. */
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
