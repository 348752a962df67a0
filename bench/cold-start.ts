import { execFile } from 'node:child_process';
import { basename, resolve } from 'node:path';
import { promisify } from 'node:util';
import { buildApp } from '../test/support/built-app.ts';

/**
 * Measures how long the built app's modules take to load, in a new process for each run: each function file alone, and all of them as
 * a worker loads them. A busy machine only makes a run slower, so the fastest run is compared with the target. Exits with 1 if a
 * target is missed.
 */
const LIMIT_MS = 700;
const RUNS = 3;
const LOADER = resolve(import.meta.dirname, 'cold-start/load.ts');

interface Row {
  readonly name: string;
  readonly median: number;
  readonly least: number;
}

async function measure(name: string, files: readonly string[]): Promise<Row> {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const { stdout } = await promisify(execFile)(process.execPath, [LOADER, ...files]);
    times.push(Number(stdout));
  }
  times.sort((a, b) => a - b);
  const [least = 0] = times;
  const median = times[(RUNS - 1) / 2] ?? 0;
  return { name, median, least };
}

function print({ name, median, least }: Row): void {
  console.log(
    `${median.toFixed(0).padStart(6)} ms  (least ${least.toFixed(0)})  ${name}${least < LIMIT_MS ? '' : `  MISSED: over ${LIMIT_MS} ms`}`,
  );
}

const built = await buildApp();
try {
  const rows: Row[] = [];
  for (const [name, files] of [
    ...built.functionFiles.map((file) => [basename(file), [file]] as const),
    ['all together', built.functionFiles] as const,
  ]) {
    const row = await measure(name, files);
    print(row);
    rows.push(row);
  }
  const missed = rows.filter(({ least }) => least >= LIMIT_MS);
  console.log(
    `\n${rows.length - missed.length} of ${rows.length} load in less than ${LIMIT_MS} ms (least of ${RUNS} runs, Node ${process.version}).`,
  );
  process.exitCode = missed.length === 0 ? 0 : 1;
} finally {
  await built.remove();
}
