import { Fault, type FaultCode } from '../../domain/snapshot/fault.ts';
import type { ApiResponse } from './api.ts';

/** One error in a request. */
export interface FieldError {
  /** A query parameter, a header, or a JSON pointer into the body. */
  readonly field: string;
  readonly detail: string;
}

/** A refused request, thrown by handlers and returned as RFC 9457 problem details. */
export class Problem extends Error {
  readonly status: number;
  readonly errors: readonly FieldError[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, detail: string, errors: readonly FieldError[] = [], headers: Readonly<Record<string, string>> = {}) {
    super(detail);
    this.name = 'Problem';
    this.status = status;
    this.errors = errors;
    this.headers = headers;
  }
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  406: 'Not acceptable',
  409: 'Conflict',
  412: 'Precondition failed',
  413: 'Content too large',
  414: 'URI too long',
  415: 'Unsupported media type',
  428: 'Precondition required',
  429: 'Too many requests',
  500: 'Internal server error',
  503: 'Service unavailable',
};

const RETRY_AFTER_SECONDS = '5';
const STATUS_OF_FAULT: Readonly<Partial<Record<FaultCode, number>>> = {
  'not-found': 404,
  malformed: 400,
  conflict: 409,
  throttled: 429,
};

/** Converts a refusal or an external failure to a response; the caller reports any other error and reveals none of it. */
export function problemResponse(error: unknown): ApiResponse {
  const problem = asProblem(error);
  return {
    status: problem.status,
    headers: { ...problem.headers, 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
    body: JSON.stringify({
      type: 'about:blank',
      title: TITLES[problem.status] ?? 'Problem',
      status: problem.status,
      detail: problem.message,
      ...(problem.errors.length > 0 ? { errors: problem.errors } : {}),
    }),
  };
}

/** Whether an error was expected: a refusal or an external failure. */
export function isExpected(error: unknown): boolean {
  return error instanceof Problem || error instanceof Fault;
}

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (!(error instanceof Fault)) return new Problem(500, "An internal error occurred; the app's log contains the cause.");
  const status = STATUS_OF_FAULT[error.code] ?? 503;
  const retry = status === 429 || status === 503 ? { 'retry-after': RETRY_AFTER_SECONDS } : {};
  return new Problem(status, error.message, [], retry);
}
