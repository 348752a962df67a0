import type { Equivalent } from './equivalent.ts';
import type { Mutant } from './mutant.ts';

/** The result of a run: a line for each fault that no test detected, a line for each folder, and the smallest share of detected faults. */
export interface Summary {
  readonly lines: readonly string[];
  readonly share: number;
}

/** The faults that count, without those that are known to change nothing. */
export function withoutEquivalent(mutants: readonly Mutant[], equivalent: readonly Equivalent[]): readonly Mutant[] {
  return mutants.filter((mutant) => mutant.caught || !equivalent.some(({ matches }) => matches(mutant)));
}

/** Adds up faults by folder. */
export function summarize(mutants: readonly Mutant[]): Summary {
  const folders = Map.groupBy(mutants, ({ file }) => file.split('/').slice(0, -1).join('/'));
  const counts = [...folders].map(([folder, all]) => ({ folder, all: all.length, caught: all.filter(({ caught }) => caught).length }));
  return {
    lines: [
      ...mutants.filter(({ caught }) => !caught).map(inOneLine),
      ...counts.map(({ folder, caught, all }) => `${folder}: caught ${caught} of ${all}, ${((100 * caught) / all).toFixed(1)} %`),
    ],
    share: Math.min(1, ...counts.map(({ caught, all }) => caught / all)),
  };
}

function inOneLine({ file, line, kind, original, replacement }: Mutant): string {
  return `${file}:${line} ${kind}: ${shortened(original)} → ${shortened(replacement)}`;
}

function shortened(text: string): string {
  return text.replaceAll(/\s+/g, ' ').slice(0, 80);
}
