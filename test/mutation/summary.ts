import type { Equivalent } from './equivalent/fault.ts';
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
  const same = lengthOfSameLines(original, replacement);
  const at = line + (original.slice(0, same).match(/\n/g)?.length ?? 0);
  return `${file}:${at} ${kind}: ${shortened(original.slice(same))} → ${shortened(replacement.slice(same))}`;
}

/** How many characters the whole lines have with which both texts begin. */
function lengthOfSameLines(one: string, other: string): number {
  const [ones, others] = [one.split('\n'), other.split('\n')];
  const first = ones.findIndex((text, at) => text !== others[at]);
  return ones.slice(0, Math.max(first, 0)).reduce((sum, text) => sum + text.length + 1, 0);
}

function shortened(text: string): string {
  return text.replaceAll(/\s+/g, ' ').slice(0, 80);
}
