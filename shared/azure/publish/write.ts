import { z } from 'zod';
import { Fault } from '../../domain/snapshot/fault.ts';
import { armDeletesBucket, armWritesBucket, publishingBucket } from '../budget/published-budgets.ts';
import type { CallWords } from '../client/fault.ts';
import type { AzureOptions } from '../client/options.ts';
import { armRequests } from '../client/requests.ts';

/** Dozens of calls make up one message: none of them may use up the time of the others. */
const TIME_BUDGET_MS = 60_000;
const ATTEMPT_TIMEOUT_MS = 20_000;

/** Where something is written to, in words and as an address. */
export interface Place extends CallWords {
  readonly subscriptionId: string;
  /** From the endpoint on, with its `api-version`; its parts are already encoded. */
  readonly path: string;
  readonly abortSignal: AbortSignal;
}

/** Puts a resource and checks that the answer is about it, which `answer` says. */
export async function put(options: AzureOptions, place: Place, body: object, answer: z.ZodType): Promise<void> {
  const { endpoint, send } = await armRequests(limited(options), {
    ...place,
    buckets: [publishingBucket(place.subscriptionId), armWritesBucket(place.subscriptionId)],
    schema: answer,
    accepts: [200, 201],
  });
  const { createHttpHeaders } = await import('@azure/core-rest-pipeline');
  const headers = createHttpHeaders({ 'content-type': 'application/json' });
  await advised(place, send({ url: `${endpoint}${place.path}`, method: 'PUT', headers, body: JSON.stringify(body) }));
}

/** Deletes a resource; one that is not there, or whose parent is not, is deleted already. */
export async function remove(options: AzureOptions, place: Place): Promise<void> {
  const { endpoint, send } = await armRequests(limited(options), {
    ...place,
    buckets: [publishingBucket(place.subscriptionId), armDeletesBucket(place.subscriptionId)],
    schema: z.undefined(),
    accepts: [200, 202, 204],
    ignoresBody: true,
  });
  try {
    await advised(place, send({ url: `${endpoint}${place.path}`, method: 'DELETE' }));
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'not-found') throw error;
  }
}

function limited(options: AzureOptions): AzureOptions {
  return {
    ...options,
    timeBudgetMs: Math.min(options.timeBudgetMs ?? TIME_BUDGET_MS, TIME_BUDGET_MS),
    attemptTimeoutMs: Math.min(options.attemptTimeoutMs ?? ATTEMPT_TIMEOUT_MS, ATTEMPT_TIMEOUT_MS),
  };
}

/** What Azure does not take is most often a provider that nobody registered. */
async function advised({ action }: Place, call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'unsupported') throw error;
    const provider = action.split('/')[0] ?? '';
    const advice = `Check that the subscription is registered for ${provider}; if it is, report this with what Azure said.`;
    throw new Fault(error.code, `${error.message} ${advice}`, { cause: error });
  }
}
