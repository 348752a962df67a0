/** Every reason for which an external call may fail, in the words of reports. */
export const FAULT_CODES = [
  'unauthenticated',
  'denied',
  'not-found',
  'conflict',
  'expired',
  'throttled',
  'unreachable',
  'timed-out',
  'malformed',
  'too-large',
  'unsupported',
  'stopped',
  'not-entra-integrated',
  'no-azure-access',
  'not-asked',
] as const;

/** Why an external call failed. */
export type FaultCode = (typeof FAULT_CODES)[number];

const RETRYABLE: ReadonlySet<FaultCode> = new Set(['throttled', 'unreachable', 'timed-out', 'conflict']);

/** An expected failure of an external system; any other thrown error is a bug. */
export class Fault extends Error {
  readonly code: FaultCode;

  constructor(code: FaultCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = 'Fault';
    this.code = code;
  }

  /** Whether the same call may succeed later without any change. */
  get retryable(): boolean {
    return RETRYABLE.has(this.code);
  }
}
