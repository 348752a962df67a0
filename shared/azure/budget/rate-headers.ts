import type { PipelineResponse } from '@azure/core-rest-pipeline';
import type { Bucket } from './bucket.ts';
import type { Budgets } from './budget.ts';

/** The published budget that each header of Azure Resource Manager is about. */
const REMAINING: Readonly<Record<string, string>> = {
  'x-ms-ratelimit-remaining-subscription-reads': 'arm-reads/',
  'x-ms-ratelimit-remaining-subscription-writes': 'arm-writes/',
  'x-ms-ratelimit-remaining-subscription-deletes': 'arm-deletes/',
  'x-ms-ratelimit-remaining-tenant-reads': 'arm-tenant-reads',
  'x-ms-user-quota-remaining': 'resource-graph',
};

/** The pause after a 429 that does not say how long to wait. */
const UNSTATED_PAUSE_MS = 5_000;

/** Returns how long a response asks to wait, in milliseconds; `undefined` if it does not say. */
export function retryAfterMs({ headers }: Pick<PipelineResponse, 'headers'>, now: number): number | undefined {
  const precise = numberOf(headers.get('retry-after-ms') ?? headers.get('x-ms-retry-after-ms'));
  if (precise !== undefined) return precise;
  const text = headers.get('retry-after');
  const seconds = numberOf(text);
  if (seconds !== undefined) return seconds * 1000;
  const date = Date.parse(text ?? '');
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** Updates the budgets from a response: remaining calls, and how long a refused caller must wait. */
export function learn(budgets: Budgets, buckets: readonly Bucket[], response: PipelineResponse, now: number): void {
  let spent: Bucket | undefined;
  for (const [header, prefix] of Object.entries(REMAINING)) {
    const remaining = numberOf(response.headers.get(header));
    const bucket = buckets.find(({ key }) => key.startsWith(prefix));
    if (remaining === undefined || bucket === undefined) continue;
    budgets.learnRemaining(bucket, remaining);
    if (remaining === 0) spent = bucket;
  }
  if (response.status === 429) {
    // Azure Resource Manager's headers say when its own budget is used up; otherwise the service's budget is.
    const bucket = spent ?? buckets[0];
    if (bucket !== undefined) budgets.refused(bucket, now + (retryAfterMs(response, now) ?? UNSTATED_PAUSE_MS));
  } else {
    for (const bucket of buckets) budgets.granted(bucket);
  }
  if (spent?.key === 'resource-graph') budgets.pause(spent, now + resetsAfterMs(response.headers.get('x-ms-user-quota-resets-after')));
}

/** Parses Resource Graph's `hh:mm:ss`. */
function resetsAfterMs(text: string | undefined): number {
  const [, hours, minutes, seconds] = /^(\d+):(\d+):(\d+)$/.exec(text ?? '') ?? [];
  if (seconds === undefined) return UNSTATED_PAUSE_MS;
  return ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : undefined;
}
