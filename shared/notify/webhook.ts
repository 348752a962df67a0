import { createHash, createHmac } from 'node:crypto';
import { Fault, type FaultCode } from '../domain/snapshot/fault.ts';
import type { Notifier } from '../ports/notifier.ts';
import { type NotifyBody, type NotifyFormat, notifyBodies, type PageOf } from './formats.ts';

/** Where and how to tell. */
export interface WebhookOptions {
  /** Often a secret in itself: never logged. */
  readonly url: string;
  readonly format: NotifyFormat;
  /** Signs what is sent, as standardwebhooks.com says; unsigned when absent. */
  readonly secret?: string;
  readonly pageOf: PageOf;
  readonly clock: () => Date;
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 15_000;

/** Tells a webhook by HTTP POST. An answer other than 2xx, a redirect and silence are faults: the queue tries again. */
export function webhookNotifier(options: WebhookOptions): Notifier {
  return {
    deliver: async (announcement, abortSignal) => {
      for (const body of notifyBodies(options.format, announcement, options.pageOf)) await post(options, body, abortSignal);
    },
  };
}

async function post(options: WebhookOptions, { contentType, body }: NotifyBody, abortSignal: AbortSignal): Promise<void> {
  const timeout = AbortSignal.timeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  let response: Response;
  try {
    response = await fetch(options.url, {
      method: 'POST',
      headers: { 'content-type': contentType, 'user-agent': 'kataudit', ...signature(options, body) },
      body,
      redirect: 'manual',
      signal: AbortSignal.any([abortSignal, timeout]),
    });
    await response.body?.cancel();
  } catch (cause) {
    const code = timeout.aborted ? 'timed-out' : 'unreachable';
    throw new Fault(code, `${where(options)} could not be reached: is the address right, and open to this app?`, { cause });
  }
  if (response.ok) return;
  throw new Fault(codeOf(response.status), `${where(options)} answered with status ${response.status}; ${adviceOf(response.status)}.`);
}

/** The host alone: paths and queries of webhooks hold their keys. */
function where({ url }: WebhookOptions): string {
  return `The webhook at ${new URL(url).host} (KATAUDIT_NOTIFY_URL)`;
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
  if (status === 429 || status >= 500) return 'it is tried again, and parked if that does not help';
  if (status >= 300 && status < 400) return 'give the address that it redirects to: redirects are not followed';
  return 'check its address and whether it takes what KATAUDIT_NOTIFY_FORMAT says';
}

/** The headers of standardwebhooks.com; the id is the same when the same is told again, so that a receiver can drop it. */
function signature({ secret, clock }: WebhookOptions, body: string): Record<string, string> {
  const id = `msg_${createHash('sha256').update(body).digest('hex').slice(0, 32)}`;
  const timestamp = String(Math.floor(clock().getTime() / 1_000));
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp };
  if (secret === undefined) return headers;
  const signed = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { ...headers, 'webhook-signature': `v1,${signed}` };
}

/** A secret that begins with `whsec_` is base64 behind it, as that standard writes them; any other is its own bytes. */
function keyOf(secret: string): Buffer {
  return secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret, 'utf8');
}
