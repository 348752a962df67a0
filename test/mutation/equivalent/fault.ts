import type { Mutant } from '../mutant.ts';

/** A fault, or a kind of fault, that changes nothing a user could notice. */
export interface Equivalent {
  readonly reason: string;
  readonly matches: (mutant: Mutant) => boolean;
}

/** A single fault by its location: file from the root, replaced text and replacement. */
export function fault(file: string, original: string, replacement: string, reason: string): Equivalent {
  return {
    reason,
    matches: (mutant) => mutant.file === file && mutant.original === original && mutant.replacement === replacement,
  };
}
