import { z } from 'zod';
import { Fault } from '../../domain/snapshot/fault.ts';
import { armDeletesBucket, armWritesBucket, publishingBucket } from '../budget/published-budgets.ts';
import type { CallWords } from '../client/fault.ts';
import type { AzureOptions } from '../client/options.ts';
import { armRequests } from '../client/requests.ts';

/** One message consists of dozens of calls; none of them may use up the time of the others. */
const TIME_BUDGET_MS = 60_000;
const ATTEMPT_TIMEOUT_MS = 20_000;

/** Where a resource is written: its description and its path. */
export interface Place extends CallWords {
  readonly subscriptionId: string;
  /** Path and query with `api-version`; its parts are already encoded. */
  readonly path: string;
  readonly abortSignal: AbortSignal;
}

/** Writes a resource and checks with `answer` that the response is about it. */
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

/** Deletes a resource; succeeds if it or its parent does not exist. */
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

/** Azure mostly rejects a write because the resource provider is not registered. */
async function advised({ action }: Place, call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'unsupported') throw error;
    const provider = action.split('/')[0] ?? '';
    const advice = `Check that the subscription is registered for ${provider}; if it is, report the problem with Azure's message.`;
    throw new Fault(error.code, `${error.message} ${advice}`, { cause: error });
  }
}
