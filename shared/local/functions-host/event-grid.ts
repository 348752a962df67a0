import { z } from 'zod';
import type { RegisteredFunction } from './core-module.ts';
import type { HostRequest, HostResponse } from './http-exchange.ts';
import { type FunctionLog, invoke } from './invoke.ts';
import { type Keys, refusal } from './keys.ts';

/** The path at which Event Grid delivers to the extension. */
export const EVENT_GRID_PATH = '/runtime/webhooks/EventGrid';

/** The origins of Event Grid in Azure's clouds; any other caller gets the first one in the answer. */
const ORIGINS = [
  'eventgrid.azure.net',
  'eventgrid.azure.us',
  'eventgrid.azure.cn',
  'eventgrid.azure.eaglex.ic.gov',
  'eventgrid.azure.microsoft.scloud',
] as const;

const validationData = z.object({ validationCode: z.string() });
const event = z.object({ data: z.unknown() });

/**
 * Answers Event Grid's webhook as the extension does: the handshake of both schemas, then one call of the function for each event.
 * Source: azure-sdk-for-net Microsoft.Azure.WebJobs.Extensions.EventGrid HttpRequestProcessor.cs. It requires the extension's own key
 * or the master key, like the extension.
 */
export function eventGridWebhook(
  functions: readonly RegisteredFunction[],
  keys: Keys,
  log: FunctionLog,
): (request: HostRequest) => Promise<HostResponse> {
  const byName = new Map(functions.map((one) => [one.name.toLowerCase(), one]));
  return async (request) => {
    const refused = refusal(keys, 'system', request);
    if (refused !== undefined) return { status: refused, headers: {} };
    const name = request.url.searchParams.get('functionName') ?? '';
    const called = byName.get(name.toLowerCase());
    if (called === undefined) return { status: 404, headers: {}, body: `cannot find function: '${name}'` };
    if (request.method === 'OPTIONS') return cloudEventsHandshake(request);
    return receive(called, request, log);
  };
}

function cloudEventsHandshake({ headers }: HostRequest): HostResponse {
  const origin = ORIGINS.find((one) => one === headers['webhook-request-origin']) ?? ORIGINS[0];
  return { status: 200, headers: { 'webhook-allowed-origin': origin } };
}

async function receive(called: RegisteredFunction, { headers, body }: HostRequest, log: FunctionLog): Promise<HostResponse> {
  const eventType = headers['aeg-event-type']?.toLowerCase();
  if (eventType === 'unsubscribe') return { status: 202, headers: {} };
  const content = parseJson(body.toString('utf8'));
  if (eventType === 'subscriptionvalidation') return answerValidation(content);
  // Observed with the real host: a delivery without this header is refused, and one with an invalid event fails.
  if (eventType !== 'notification') return { status: 400, headers: {} };
  const events = [content].flat();
  if (!events.every((one) => typeof one === 'object' && one !== null)) return { status: 500, headers: {} };
  return notify(called, events, log);
}

/** The code is in a list with one event, or in one CloudEvent whose data is JSON as a text. */
function answerValidation(content: unknown): HostResponse {
  const { data } = event.safeParse(Array.isArray(content) ? content[0] : content).data ?? {};
  const code = validationData.safeParse(typeof data === 'string' ? parseJson(data) : data).data?.validationCode;
  if (code === undefined) return { status: 400, headers: {}, body: 'Expected a validation event with data.validationCode.' };
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ validationResponse: code }) };
}

async function notify(called: RegisteredFunction, events: readonly unknown[], log: FunctionLog): Promise<HostResponse> {
  const outcomes = await Promise.allSettled(
    events.map((one) =>
      invoke(called, { json: JSON.stringify(one) }, { data: { json: JSON.stringify(event.safeParse(one).data?.data ?? null) } }, log),
    ),
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
