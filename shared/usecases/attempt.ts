import type { Policy } from '../domain/policy/policy.ts';

/** One attempt to scan a cluster. */
export interface Attempt {
  readonly policy: Policy;
  /** When the attempt began, RFC 3339. */
  readonly observedAt: string;
  /** This is the last attempt: a transient failure is recorded instead of thrown. */
  readonly isLast: boolean;
  readonly abortSignal: AbortSignal;
}
