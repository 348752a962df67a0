import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { compiling } from './compiler.ts';
import type { Mutant } from './mutant.ts';

/** A fault as Stryker hands it to a checker: lines and columns count from 0. */
interface Planned {
  readonly id: string;
  readonly fileName: string;
  readonly replacement: string;
  readonly location: { readonly start: Place; readonly end: Place };
}
interface Place {
  readonly line: number;
  readonly column: number;
}
type Result = { readonly status: 'passed' } | { readonly status: 'compileError'; readonly reason: string };

/**
 * Asks the compiler before any test runs: a fault that is no program costs no test run. The form is that of a plugin of Stryker.
 * Source: stryker-mutator.io/docs/stryker-js, the checkers' API.
 */
const compiled = {
  init: async (): Promise<void> => undefined,
  group: async (planned: readonly Planned[]): Promise<readonly (readonly string[])[]> => [planned.map(({ id }) => id)],
  check: async (planned: readonly Planned[]): Promise<Readonly<Record<string, Result>>> => {
    const root = process.env.MUTANTS_ROOT ?? process.cwd();
    const mutants = await Promise.all(planned.map((one) => mutantOf(one, root)));
    const programs = new Set(await compiling(root, mutants));
    const results = planned.map(({ id }, at): readonly [string, Result] => {
      const mutant = mutants[at];
      const passes = mutant !== undefined && programs.has(mutant);
      return [id, passes ? { status: 'passed' } : { status: 'compileError', reason: 'It does not compile.' }];
    });
    return Object.fromEntries(results);
  },
};

async function mutantOf({ fileName, replacement, location: { start, end } }: Planned, root: string): Promise<Mutant> {
  const source = await readFile(fileName, 'utf8');
  const lines = source.split('\n');
  const offsetOf = ({ line, column }: Place) => lines.slice(0, line).reduce((sum, text) => sum + text.length + 1, 0) + column;
  const [from, to] = [offsetOf(start), offsetOf(end)];
  return {
    file: relative(root, fileName),
    line: start.line + 1,
    kind: '',
    original: source.slice(from, to),
    replacement,
    caught: false,
    sourceLine: lines[start.line] ?? '',
    faultyFile: source.slice(0, from) + replacement + source.slice(to),
  };
}

export const strykerPlugins = [{ kind: 'Checker', name: 'compiled', value: compiled }];
