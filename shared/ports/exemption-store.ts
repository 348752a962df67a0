import type { Exemption } from '../domain/policy/policy.ts';

/** An exemption that was created through the API, with the token that makes the next write conditional. */
export interface HeldExemption {
  readonly exemption: Exemption;
  /** RFC 3339 UTC. */
  readonly updatedAt: string;
  /** The object id of the user or app that wrote it, never a name; absent when a key was used. */
  readonly updatedBy?: string;
  /** Opaque; changes with every write. */
  readonly version: string;
}

/** Exemptions created through the API; those of the policy file are not included. */
export interface ExemptionStore {
  /** All of them, in order of id; at most `MAX_EXEMPTIONS`. */
  list(): Promise<readonly HeldExemption[]>;
  get(id: string): Promise<HeldExemption | undefined>;
  /**
   * Writes one if the stored version is still `basedOn` (`undefined`: there is none yet); otherwise
   * resolves to `'conflict'` and changes nothing.
   */
  put(write: Omit<HeldExemption, 'version'>, basedOn: string | undefined): Promise<HeldExemption | 'conflict'>;
  /** Deletes one if its version is still `basedOn`; `'conflict'` otherwise, also when it no longer exists. */
  delete(id: string, basedOn: string): Promise<'deleted' | 'conflict'>;
}

/** More exemptions than this are a mistake, and would make every overlay slow. */
export const MAX_EXEMPTIONS = 5_000;
