import { z } from 'zod';
import type { RegisteredFunction } from './core-module.ts';
import type { HostRequest, HostResponse } from './http-triggers.ts';
import { type FunctionLog, invoke } from './invoke.ts';
import { allows, type Keys } from './keys.ts';

/** The path at which Event Grid delivers to the extension. */
export const EVENT_GRID_PATH = '/runtime/webhooks/EventGrid';

const validation = z.array(z.object({ data: z.object({ validationCode: z.string() }) })).min(1);

/**
 * Answers Event Grid's webhook as the extension does: the handshake of both schemas, then one call of
 * the function for each event. Source: azure-sdk-for-net Microsoft.Azure.WebJobs.Extensions.EventGrid
 * HttpRequestProcessor.cs.
 */
export function eventGridWebhook(
  functions: readonly RegisteredFunction[],
  keys: Keys,
  log: FunctionLog,
): (request: HostRequest) => Promise<HostResponse> {
  const byName = new Map(functions.map((one) => [one.name.toLowerCase(), one]));
  return async (request) => {
    if (!allows(keys, 'function', request)) return { status: 401, headers: {} };
    const called = byName.get((request.url.searchParams.get('functionName') ?? '').toLowerCase());
    if (called === undefined) return { status: 404, headers: {}, body: 'No function of this name has an Event Grid trigger.' };
    if (request.method === 'OPTIONS') return cloudEventsHandshake(request);
    if (request.method !== 'POST') return { status: 405, headers: { allow: 'POST, OPTIONS' } };
    return receive(called, request, log);
  };
}

function cloudEventsHandshake({ headers }: HostRequest): HostResponse {
  const origin = headers['webhook-request-origin'];
  if (origin === undefined) return { status: 400, headers: {} };
  return { status: 200, headers: { 'webhook-allowed-origin': origin, 'webhook-allowed-rate': '*' } };
}

async function receive(called: RegisteredFunction, { headers, body }: HostRequest, log: FunctionLog): Promise<HostResponse> {
  const content = parseJson(body.toString('utf8'));
  const eventType = headers['aeg-event-type']?.toLowerCase();
  if (eventType === 'subscriptionvalidation') {
    const { data } = validation.safeParse(content);
    const code = data?.[0]?.data.validationCode;
    if (code === undefined) return { status: 400, headers: {}, body: 'Not a validation event.' };
    return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ validationResponse: code }) };
  }
  if (eventType !== 'notification' || content === undefined) return { status: 400, headers: {}, body: 'Not a notification.' };
  const outcomes = await Promise.allSettled(
    [content]
      .flat()
      .map((event) => invoke(called, { json: JSON.stringify(event) }, { data: { json: JSON.stringify(dataOf(event)) } }, log)),
  );
  for (const outcome of outcomes) if (outcome.status === 'rejected') log(`error ${called.name}: ${String(outcome.reason)}`);
  return { status: outcomes.some(({ status }) => status === 'rejected') ? 500 : 202, headers: {} };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the caller answers 400.
    return undefined;
  }
}

function dataOf(event: unknown): unknown {
  return typeof event === 'object' && event !== null && 'data' in event ? event.data : null;
}
