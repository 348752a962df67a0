/** A fault that changes nothing that anybody could notice. */
export interface Equivalent {
  /** Path from the root of the project. */
  readonly file: string;
  /** The text that was replaced, and what by. */
  readonly original: string;
  readonly replacement: string;
  readonly reason: string;
}

/** Faults that change nothing, each with the reason. */
export const EQUIVALENT: readonly Equivalent[] = [];
