import { z } from 'zod';

const place = z.object({ line: z.number(), column: z.number() });
const location = z.object({ start: place, end: place });

/** The parts of a mutation report that are read. Source: github.com/stryker-mutator/mutation-testing-elements, report schema. */
const Report = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.string(),
      mutants: z.array(
        z.object({
          mutatorName: z.string(),
          replacement: z.string().optional(),
          location,
          status: z.enum(['Killed', 'Survived', 'NoCoverage', 'CompileError', 'RuntimeError', 'Timeout', 'Ignored', 'Pending']),
        }),
      ),
    }),
  ),
});

/** A fault that was put into a file, and whether a test detected it. */
export interface Mutant {
  /** Path from the root of the project. */
  readonly file: string;
  readonly line: number;
  /** The kind of fault, as Stryker names it, such as `ConditionalExpression`. */
  readonly kind: string;
  /** The replaced text and its replacement. */
  readonly original: string;
  readonly replacement: string;
  readonly caught: boolean;
  /** The line of the file where the fault begins, before the fault. */
  readonly sourceLine: string;
  /** The whole file with the fault. */
  readonly faultyFile: string;
}

/** The faults of a report, without those that were excluded from the run. */
export function readMutants(report: unknown): readonly Mutant[] {
  return Object.entries(Report.parse(report).files).flatMap(([file, { source, mutants }]) => {
    const starts = lineStarts(source);
    return mutants.flatMap(({ status, mutatorName, replacement = '', location: { start, end } }): Mutant[] => {
      if (status === 'Ignored' || status === 'CompileError') return [];
      const from = (starts[start.line - 1] ?? 0) + start.column - 1;
      const to = (starts[end.line - 1] ?? 0) + end.column - 1;
      const mutant = {
        file,
        line: start.line,
        kind: mutatorName,
        original: source.slice(from, to),
        replacement,
        caught: status !== 'Survived' && status !== 'NoCoverage',
        sourceLine: source.split('\n')[start.line - 1] ?? '',
        faultyFile: source.slice(0, from) + replacement + source.slice(to),
      };
      return [mutant];
    });
  });
}

function lineStarts(source: string): readonly number[] {
  return [0, ...[...source.matchAll(/\n/g)].map(({ index }) => index + 1)];
}
