import { Fault, type FaultCode } from '../../domain/snapshot/fault.ts';

/** Describes one call to Azure for messages: its purpose, and the permission that it needs. */
export interface CallWords {
  /** Completes "Cannot …": `list the clusters of subscription 0000…`. */
  readonly what: string;
  /** The Azure permission that the call needs, for example `Microsoft.ContainerService/managedClusters/read`. */
  readonly action: string;
}

/** The parts of a response that a fault is made from. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  /** How long the service asks to wait, in seconds, if it says so. */
  readonly retryAfterSeconds?: number;
}

const BY_STATUS: Readonly<Record<number, FaultCode>> = {
  400: 'unsupported',
  401: 'unauthenticated',
  403: 'denied',
  405: 'unsupported',
  408: 'timed-out',
  409: 'conflict',
  410: 'expired',
  412: 'conflict',
  413: 'too-large',
  429: 'throttled',
};

/** Error codes whose meaning differs from their HTTP status. */
const BY_ERROR_CODE: Readonly<Record<string, FaultCode>> = {
  // The subscription is not visible from this tenant, which says nothing about its content.
  SubscriptionNotFound: 'denied',
  InvalidSubscriptionId: 'denied',
  MissingSubscriptionRegistration: 'unsupported',
  // A lock stays until somebody removes it, so a retry does not help.
  ScopeLocked: 'denied',
};

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'REQUEST_SEND_ERROR',
]);
const TIMED_OUT = new Set(['ETIMEDOUT', 'ESOCKETTIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT']);
/** Even reading a cluster's user credential counts as a write for a lock, because it is a POST. */
const LOCKED =
  ' A read-only lock is on the resource, its resource group or its subscription. No role helps: the owner of the lock must remove it.';
const MAX_TEXT = 300;

/** Converts a response that is not a success to a `Fault`; `cause` contains the service's message. */
export function faultOfAnswer(answer: Answer, { what, action }: CallWords): Fault {
  const error = errorOf(answer.body);
  const code = codeOf(answer.status, error?.code);
  const said = error === undefined ? '' : ` ${[error.code, error.message].filter((part) => part !== '').join(': ')}`;
  const text = `Cannot ${what}: Azure answered ${answer.status}${oneLine(said)}.${error?.code === 'ScopeLocked' ? LOCKED : advice(code, action, answer)}`;
  return new Fault(code, text, { cause: new Error(`HTTP ${answer.status}`) });
}

/** Converts an error of a call to a `Fault`; a `Fault` and an unexpected error are returned unchanged. */
export function faultOfError(error: unknown, { what }: CallWords, abortSignal?: AbortSignal): unknown {
  if (error instanceof Fault) return error;
  if (abortSignal?.aborted === true) return timeRanOut(what, error);
  if (!(error instanceof Error)) return error;
  const code = systemCode(error);
  if (error.name === 'AbortError' || TIMED_OUT.has(code)) {
    return new Fault('timed-out', `Cannot ${what}: Azure did not answer in time.`, { cause: error });
  }
  if (isTlsCode(code)) {
    return new Fault('unreachable', `Cannot ${what}: the server's certificate is not trusted (${code}).`, { cause: error });
  }
  if (UNREACHABLE.has(code)) {
    return new Fault('unreachable', `Cannot ${what}: Azure cannot be reached (${code}).`, { cause: error });
  }
  // No sign-in method worked, as on a person's machine where one command helps. The SDK's own message lists ten reasons.
  if (error.name === 'AggregateAuthenticationError') {
    const text = `Cannot ${what}: not signed in to Azure. Run \`az login\`, or set KATAUDIT_ACCESS_TOKEN to a token.`;
    return new Fault('unauthenticated', text, { cause: error });
  }
  if (isCredentialError(error)) {
    const text = `Cannot ${what}: no token for Azure is available: ${oneLine(error.message)}`;
    return new Fault('unauthenticated', text, { cause: error });
  }
  return error;
}

/** The fault of a call whose time limit passed. */
export function timeRanOut(what: string, cause?: unknown): Fault {
  return new Fault('timed-out', `Cannot ${what}: the time limit passed.`, { cause });
}

/** Whether a retry may succeed after a transport error; not for TLS and unknown errors. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = systemCode(error);
  return UNREACHABLE.has(code) || TIMED_OUT.has(code);
}

function codeOf(status: number, errorCode: string | undefined): FaultCode {
  const special = errorCode === undefined ? undefined : BY_ERROR_CODE[errorCode];
  if (special !== undefined) return special;
  if (status === 404) return codeOf404(errorCode);
  return BY_STATUS[status] ?? (status >= 500 ? 'unreachable' : 'malformed');
}

/** A 404 resolves findings, so it counts only if it says that the resource itself does not exist. */
function codeOf404(errorCode: string | undefined): FaultCode {
  // Not from Azure Resource Manager: a proxy, or a wrong address.
  if (errorCode === undefined || errorCode === '') return 'malformed';
  // `NoRegisteredProviderFound`, `InvalidResourceType`: this cloud does not support the call.
  if (!/NotFound$/.test(errorCode) || /^(ResourceProvider|Tenant|Location)/.test(errorCode)) return 'unsupported';
  return 'not-found';
}

function advice(code: FaultCode, action: string, { retryAfterSeconds }: Answer): string {
  if (code === 'denied') return ` The identity lacks ${action}: give it a role that allows it.`;
  if (code === 'unauthenticated') return ' The token was not accepted: check the identity and its tenant.';
  if (code === 'throttled' && retryAfterSeconds !== undefined) return ` Azure asks to wait ${retryAfterSeconds} seconds.`;
  return '';
}

function errorOf(body: string): { readonly code: string; readonly message: string } | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    // An error page that is not JSON contains nothing useful; the status is enough.
    return undefined;
  }
  const error = field(parsed, 'error') ?? parsed;
  const code = field(error, 'code');
  if (typeof code !== 'string') return undefined;
  const message = field(error, 'message');
  return { code, message: typeof message === 'string' ? message : '' };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
}

function systemCode(error: Error): string {
  const code = field(error, 'code') ?? field(error.cause, 'code');
  return typeof code === 'string' ? code : '';
}

function isTlsCode(code: string): boolean {
  return /^(CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(GET|VERIFY)_|HOSTNAME_MISMATCH|EPROTO$)/.test(code);
}

function isCredentialError({ name }: Error): boolean {
  return /^(CredentialUnavailable|Authentication|AuthenticationRequired)Error$/.test(name);
}

/** Returns arbitrary text from the service on one line, short enough for a report. */
export function oneLine(text: string): string {
  const flat = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trimEnd();
  return flat.length > MAX_TEXT ? `${flat.slice(0, MAX_TEXT)}…` : flat.replace(/\.$/, '');
}
