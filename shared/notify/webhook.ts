import { createHash, createHmac } from 'node:crypto';
import type { NotifyFormat } from '../domain/policy/notification-target.ts';
import { Fault, type FaultCode } from '../domain/snapshot/fault.ts';
import { given } from '../domain/snapshot/given.ts';
import type { Notifier } from '../ports/notifier.ts';
import { withTimeLimit } from '../ports/time-limit.ts';
import type { NotifyBody, PageOf } from './body.ts';
import { notifyBodies } from './formats.ts';
import { send } from './send.ts';

/** Options of a webhook target. */
export interface WebhookOptions {
  /** Often a secret, therefore never logged. */
  readonly url: string;
  /** The setting that contains the address, for error messages. */
  readonly setting: string;
  readonly format: NotifyFormat;
  /** Signs the request as defined by standardwebhooks.com; unsigned if absent. */
  readonly secret?: string;
  /** Returns a bearer token for the target, such as the app's identity for an Event Grid topic. */
  readonly token?: () => Promise<string>;
  readonly pageOf: PageOf;
  readonly clock: () => Date;
  readonly allowPrivate: boolean;
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 15_000;
/** Source: learn.microsoft.com/rest/api/eventgrid/dataplane/publish-cloud-event-events. */
const EVENT_GRID_VERSION = '2018-01-01';

/** Returns a notifier that sends an HTTP POST. A status other than 2xx, a redirect and a timeout are faults, so the queue retries. */
export function webhookNotifier(options: WebhookOptions): Notifier {
  return {
    deliver: async (notifications, abortSignal) => {
      for (const body of notifyBodies(options.format, notifications, options.pageOf)) await post(options, body, abortSignal);
    },
  };
}

async function post(options: WebhookOptions, { contentType, body }: NotifyBody, abortSignal: AbortSignal): Promise<void> {
  const token = await options.token?.();
  const headers = {
    'content-type': contentType,
    'user-agent': 'kataudit',
    ...signature(options, body),
    ...given({ authorization: token && `Bearer ${token}` }),
  };
  let status: number;
  let ends: AbortSignal | undefined;
  try {
    const { allowPrivate } = options;
    status = await withTimeLimit(options.timeoutMs ?? DEFAULT_TIMEOUT_MS, abortSignal, (limit) => {
      ends = limit;
      return send({ url: addressOf(options), headers, body, allowPrivate, abortSignal: limit });
    });
  } catch (cause) {
    if (cause instanceof Fault) throw new Fault(cause.code, `${where(options)}: ${cause.message}`, { cause });
    const code = ends?.aborted === true ? 'timed-out' : 'unreachable';
    throw new Fault(code, `${where(options)} could not be reached. Check that the address is correct and that the app can reach it.`, {
      cause,
    });
  }
  if (status >= 200 && status < 300) return;
  throw new Fault(codeOf(status), `${where(options)} answered with status ${status}; ${adviceOf(status)}.`);
}

/** Returns the address of the topic's events; the API version is added if it is missing. */
function addressOf({ url, format }: WebhookOptions): string {
  if (format !== 'eventgrid') return url;
  const address = new URL(url);
  if (address.pathname === '/') address.pathname = '/api/events';
  if (!address.searchParams.has('api-version')) address.searchParams.set('api-version', EVENT_GRID_VERSION);
  return address.href;
}

/** Returns only the host, because paths and queries of webhooks contain keys. */
function where({ url, setting }: WebhookOptions): string {
  return `The webhook at ${new URL(url).host} (${setting})`;
}
function codeOf(status: number): FaultCode {
  if (status === 429) return 'throttled';
  if (status === 401) return 'unauthenticated';
  if (status === 403) return 'denied';
  if (status === 404 || status === 410) return 'not-found';
  if (status === 413) return 'too-large';
  return status >= 500 ? 'unreachable' : 'unsupported';
}

function adviceOf(status: number): string {
  if (status === 429 || status >= 500) return 'delivery is retried, and the message is parked if it keeps failing';
  if (status < 400) return 'set the address that it redirects to, because redirects are not followed';
  return 'check the address and whether the target accepts this format';
}

/** Returns the headers of standardwebhooks.com; a repeated notification has the same id, so that a receiver can drop it. */
function signature({ secret, clock }: WebhookOptions, body: string): Record<string, string> {
  const id = `msg_${createHash('sha256').update(body).digest('hex').slice(0, 32)}`;
  const timestamp = String(Math.floor(clock().getTime() / 1_000));
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp };
  if (secret === undefined) return headers;
  const signed = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { ...headers, 'webhook-signature': `v1,${signed}` };
}

/** A secret with the prefix `whsec_` is base64, as in the standard; any other is used as it is. */
function keyOf(secret: string): Buffer {
  return secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret, 'utf8');
}
