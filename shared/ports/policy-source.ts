import type { Policy } from '../domain/policy/policy.ts';

/** The policy in force, and what is wrong with the newest file when it could not be used. */
export interface PolicyInForce {
  readonly policy: Policy;
  /** SHA-256 of the policy's canonical JSON, 64 hexadecimal digits. */
  readonly hash: string;
  /** Where it came from, for display: a path, a blob's name or `built-in`. */
  readonly source: string;
  /** Set when a newer version was invalid and this is the last valid one. */
  readonly problem?: string;
}

/** Returns the policy in force; never throws for a bad file when a valid one is known. */
export type PolicySource = () => Promise<PolicyInForce>;
