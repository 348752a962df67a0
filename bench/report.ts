/** Options of a measurement. */
export interface BenchOptions {
  readonly runs: number;
  /** The sizes to measure; each subject has its own defaults. */
  readonly sizes?: readonly number[];
  readonly nodes: number;
  /** Number of scans of a soak; it has its own default. */
  readonly scans?: number;
  /** Only rows whose name contains one of these, and the first row; all rows if empty. */
  readonly rows: readonly string[];
  /** No rows whose name contains one of these. */
  readonly skip: readonly string[];
  readonly progress: (line: string) => void;
}

/** Measures one subject and returns a report for each size. */
export type Measure = (options: BenchOptions) => AsyncIterable<Report>;

/** What one run cost its process. */
export interface Run {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly peakRssMiB: number;
  /** What the server sent, and its CPU time; absent if not measured. */
  readonly mebibytes?: number;
  readonly serverCpuMs?: number;
}

/** All runs of one thing, or why there are none. */
export interface Row {
  readonly name: string;
  readonly runs: readonly Run[];
  /** The notes of the runs, or the error. */
  readonly note?: string;
}

/** A goal, and whether it was reached. */
export interface Target {
  readonly goal: string;
  readonly measured: string;
  readonly isReached: boolean;
}

/** Rows that were measured together; the first is what the others are compared with. */
export interface Report {
  readonly title: string;
  readonly rows: readonly Row[];
  readonly targets: readonly Target[];
}

/** Median, minimum and maximum. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The spread of one figure over the runs of a row; `undefined` without runs. */
export function spread(row: Row | undefined, figure: keyof Run): Spread | undefined {
  const values = (row?.runs ?? []).flatMap((run) => run[figure] ?? []).sort((a, b) => a - b);
  const [min, max] = [values[0], values.at(-1)];
  if (min === undefined || max === undefined) return undefined;
  const middle = values.length / 2;
  const median = ((values[Math.ceil(middle - 1)] ?? 0) + (values[Math.floor(middle)] ?? 0)) / 2;
  return { median, min, max };
}

/** Prints a report as a table. */
export function printReport({ title, rows, targets }: Report, print: (text: string) => void): void {
  const base = spread(rows[0], 'wallMs')?.median;
  const head = ['', 'wall s (min–max)', '× ours', 'CPU s', 'peak RSS MiB', 'MiB read', 'server CPU s', ''];
  const lines = rows.length === 0 ? [] : [head, ...rows.map((row) => cells(row, base))];
  const widths = head.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  print(`\n${title}\n`);
  for (const line of lines) {
    const padded = line.map((cell, at) =>
      at === 0 || at === head.length - 1 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
    );
    print(`${padded.join('  ').trimEnd()}\n`);
  }
  for (const { goal, measured, isReached } of targets) print(`${isReached ? 'reached' : 'MISSED '}  ${goal}: ${measured}\n`);
}

function cells(row: Row, base: number | undefined): string[] {
  const [wall, cpu, rss] = [spread(row, 'wallMs'), spread(row, 'cpuMs'), spread(row, 'peakRssMiB')];
  const [read, server] = [spread(row, 'mebibytes'), spread(row, 'serverCpuMs')];
  if (wall === undefined || cpu === undefined || rss === undefined) {
    return [row.name, '–', '–', '–', '–', '–', '–', row.note ?? ''];
  }
  const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(2);
  return [
    row.name,
    `${seconds(wall.median)} (${seconds(wall.min)}–${seconds(wall.max)})`,
    base === undefined ? '–' : (wall.median / base).toFixed(2),
    seconds(cpu.median),
    `${Math.round(rss.median)} (${Math.round(rss.min)}–${Math.round(rss.max)})`,
    read === undefined ? '–' : Math.round(read.median).toString(),
    server === undefined ? '–' : seconds(server.median),
    row.note ?? '',
  ];
}
