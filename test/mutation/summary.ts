import { z } from 'zod';
import type { Equivalent } from './equivalent.ts';

const place = z.object({ line: z.number(), column: z.number() });

/** The parts of a mutation report that are told. Source: github.com/stryker-mutator/mutation-testing-elements, report schema. */
const Report = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.string(),
      mutants: z.array(
        z.object({
          mutatorName: z.string(),
          replacement: z.string().optional(),
          location: z.object({ start: place, end: place }),
          status: z.enum(['Killed', 'Survived', 'NoCoverage', 'CompileError', 'RuntimeError', 'Timeout', 'Ignored', 'Pending']),
        }),
      ),
    }),
  ),
});

/** What a run came to: a line for each fault that no test noticed, a line for each folder, and the smallest share that was caught. */
export interface Summary {
  readonly lines: readonly string[];
  readonly share: number;
}

/** Adds up a report by folder; what is known to change nothing does not count. */
export function summarize(report: unknown, equivalent: readonly Equivalent[]): Summary {
  const counts = new Map<string, { caught: number; all: number }>();
  const missed: string[] = [];
  for (const [file, { source, mutants }] of Object.entries(Report.parse(report).files)) {
    const folder = file.split('/').slice(0, -1).join('/');
    const count = counts.get(folder) ?? { caught: 0, all: 0 };
    counts.set(folder, count);
    for (const { status, mutatorName, replacement = '', location } of mutants) {
      const original = textAt(source, location);
      if (
        status === 'Ignored' ||
        equivalent.some((one) => one.file === file && one.original === original && one.replacement === replacement)
      ) {
        continue;
      }
      count.all += 1;
      if (status === 'Survived' || status === 'NoCoverage') {
        missed.push(`${file}:${location.start.line} ${mutatorName}: ${oneLine(original)} → ${oneLine(replacement)}`);
      } else count.caught += 1;
    }
  }
  const folders = [...counts].map(([folder, { caught, all }]) => `${folder}: caught ${caught} of ${all}, ${percent(caught, all)}`);
  const shares = [...counts.values()].map(({ caught, all }) => (all === 0 ? 1 : caught / all));
  return { lines: [...missed, ...folders], share: Math.min(1, ...shares) };
}

function textAt(source: string, { start, end }: { readonly start: z.output<typeof place>; readonly end: z.output<typeof place> }): string {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  const last = lines.length - 1;
  return lines.map((line, at) => line.slice(at === 0 ? start.column - 1 : 0, at === last ? end.column - 1 : undefined)).join('\n');
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').slice(0, 80);
}

function percent(part: number, all: number): string {
  return all === 0 ? 'nothing to catch' : `${((100 * part) / all).toFixed(1)} %`;
}
