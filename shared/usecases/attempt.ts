import type { Policy } from '../domain/policy/policy.ts';

/** One attempt to look at a cluster. */
export interface Attempt {
  readonly policy: Policy;
  /** When it began, RFC 3339. */
  readonly observedAt: string;
  /** No other will follow: a failure that may pass is recorded instead of thrown. */
  readonly isLast: boolean;
  readonly abortSignal: AbortSignal;
}
