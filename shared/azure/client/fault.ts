import { Fault, type FaultCode } from '../../domain/snapshot/fault.ts';

/** One call to Azure in words: what it is for, and the permission without which it is refused. */
export interface CallWords {
  /** Completes "Cannot …": `list the clusters of subscription 0000…`. */
  readonly what: string;
  /** The Azure permission the call needs, for example `Microsoft.ContainerService/managedClusters/read`. */
  readonly action: string;
}

/** What an answer says, as far as a fault is made of it. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  /** Seconds until the service wants to hear from us again, when it said so. */
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

/** Error codes that mean something else than their status says. */
const BY_ERROR_CODE: Readonly<Record<string, FaultCode>> = {
  // The subscription is not visible from our tenant: that says nothing of what it holds.
  SubscriptionNotFound: 'denied',
  InvalidSubscriptionId: 'denied',
  MissingSubscriptionRegistration: 'unsupported',
  // A lock stays until somebody takes it off: another try changes nothing.
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
/** Even reading a cluster's user credential is a write to a lock: it is a POST. */
const LOCKED =
  ' A read-only lock is on the resource, its resource group or its subscription: no role helps, only who owns the lock can take it off.';
const MAX_TEXT = 300;

/** Translates an answer that is not a success; `cause` keeps what the service said. */
export function faultOfAnswer(answer: Answer, { what, action }: CallWords): Fault {
  const error = errorOf(answer.body);
  const code = codeOf(answer.status, error?.code);
  const said = error === undefined ? '' : ` ${[error.code, error.message].filter((part) => part !== '').join(': ')}`;
  const text = `Cannot ${what}: Azure answered ${answer.status}${oneLine(said)}.${error?.code === 'ScopeLocked' ? LOCKED : advice(code, action, answer)}`;
  return new Fault(code, text, { cause: new Error(`HTTP ${answer.status}`) });
}

/** Translates whatever a call threw; a `Fault` and a bug of ours come back as they are. */
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
  // Nothing of what could sign in did: a person's machine, where one command helps. Its own message is a list of ten reasons.
  if (error.name === 'AggregateAuthenticationError') {
    const text = `Cannot ${what}: nobody is signed in to Azure here. Run \`az login\`, or set KATAUDIT_ACCESS_TOKEN to a token.`;
    return new Fault('unauthenticated', text, { cause: error });
  }
  if (isCredentialError(error)) {
    const text = `Cannot ${what}: no token for Azure could be had: ${oneLine(error.message)}`;
    return new Fault('unauthenticated', text, { cause: error });
  }
  return error;
}

/** The fault of a call whose caller would not wait any longer. */
export function timeRanOut(what: string, cause?: unknown): Fault {
  return new Fault('timed-out', `Cannot ${what}: the time for it ran out.`, { cause });
}

/** Whether a transport error is one that another try may not meet: TLS and everything unknown is not. */
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

/** Findings close on a 404, so it must say that it is the thing itself that is gone. */
function codeOf404(errorCode: string | undefined): FaultCode {
  // Not from Azure Resource Manager: a proxy, a wrong address.
  if (errorCode === undefined || errorCode === '') return 'malformed';
  // `NoRegisteredProviderFound`, `InvalidResourceType`: this cloud does not know the call.
  if (!/NotFound$/.test(errorCode) || /^(ResourceProvider|Tenant|Location)/.test(errorCode)) return 'unsupported';
  return 'not-found';
}

function advice(code: FaultCode, action: string, { retryAfterSeconds }: Answer): string {
  if (code === 'denied') return ` The identity lacks ${action}: give it a role that allows it.`;
  if (code === 'unauthenticated') return ' The token was not accepted: check the identity and its tenant.';
  if (code === 'throttled' && retryAfterSeconds !== undefined) return ` It asks to wait ${retryAfterSeconds} seconds.`;
  return '';
}

function errorOf(body: string): { readonly code: string; readonly message: string } | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    // An error page that is not JSON says nothing we could use; the status stands.
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

/** Text of the service's own making, on one line and short enough for a report. */
export function oneLine(text: string): string {
  const flat = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trimEnd();
  return flat.length > MAX_TEXT ? `${flat.slice(0, MAX_TEXT)}…` : flat.replace(/\.$/, '');
}
