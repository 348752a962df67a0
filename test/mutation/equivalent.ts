import type { Mutant } from './mutant.ts';

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

const SENTINEL = '["Stryker was here"]';

/** Faults that change nothing, each with the reason. */
export const EQUIVALENT: readonly Equivalent[] = [
  {
    reason: 'The destructuring skips the first item of the fallback, so an item there is never read.',
    matches: ({ replacement, sourceLine }) => replacement === SENTINEL && /const \[,/.test(sourceLine),
  },
  {
    reason: 'The list of references is text for people; a conformance test reads the sources and checks that each rule has one.',
    matches: ({ kind, sourceLine }) => kind === 'ArrayDeclaration' && /^\s*references: \[/.test(sourceLine),
  },
  {
    reason: 'Descriptions and examples of a schema are text for people; a test compares the generated documents with them.',
    matches: ({ kind, sourceLine }) => kind === 'ObjectLiteral' && /\.(meta|describe)\(\{?/.test(sourceLine),
  },
];
