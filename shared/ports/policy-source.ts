import type { Policy } from '../domain/policy/policy.ts';

/** The policy in force, and what is wrong with the newest file when it could not be taken. */
export interface PolicyInForce {
  readonly policy: Policy;
  /** SHA-256 of the policy's canonical JSON, 64 hexadecimal digits. */
  readonly hash: string;
  /** Where it came from, for people: a path, a blob's name, `built-in`. */
  readonly source: string;
  /** Set when a newer version was refused and this is the last good one. */
  readonly problem?: string;
}

/** Gives the policy in force; never throws for a bad file when a good one is known. */
export type PolicySource = () => Promise<PolicyInForce>;
