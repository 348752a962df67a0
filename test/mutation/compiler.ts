import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mutant } from './mutant.ts';

/** Unused names do not count, because a person who makes such a mistake would also remove the name. */
const OPTIONS = { noEmit: true, noUnusedLocals: false, noUnusedParameters: false, allowUnreachableCode: true, incremental: false };

/**
 * The faults that compile: those that the compiler rejects are omitted, because they could not be built.
 * Each faulty file is compiled under its own name beside the correct one, all in one run.
 */
export async function compiling(root: string, mutants: readonly Mutant[]): Promise<readonly Mutant[]> {
  if (mutants.length === 0) return [];
  const copy = await mkdtemp(join(tmpdir(), 'kataudit-compile-'));
  try {
    for (const folder of ['shared', 'functions']) await cp(join(root, folder), join(copy, folder), { recursive: true });
    for (const file of ['tsconfig.json', 'package.json']) await cp(join(root, file), join(copy, file));
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
    await mkdir(join(copy, 'faulty'));
    const files = mutants.map(({ file }, at) => file.replace(/\.ts$/, `.fault-${at}.ts`));
    for (const [at, { faultyFile }] of mutants.entries()) await writeFile(join(copy, files[at] ?? ''), faultyFile);
    await writeFile(
      join(copy, 'faulty/tsconfig.json'),
      JSON.stringify({
        extends: '../tsconfig.json',
        compilerOptions: { ...OPTIONS, rootDir: '..' },
        files: files.map((file) => `../${file}`),
      }),
    );
    const rejected = rejectedFiles(await output(join(root, 'node_modules/.bin/tsc'), ['-p', 'faulty', '--pretty', 'false'], copy));
    return mutants.filter((_, at) => !rejected.has(at));
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** The numbers of the faulty files in the compiler's output. */
export function rejectedFiles(output: string): ReadonlySet<number> {
  return new Set([...output.matchAll(/^\S*\.fault-(\d+)\.ts\(\d+,\d+\): error /gm)].map(([, at]) => Number(at)));
}

/** The output of a program with any exit code: the compiler exits with 2 when it finds an error. */
function output(program: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd, maxBuffer: 2 ** 28 }, (error, stdout) => {
      if (error !== null && typeof error.code !== 'number') reject(error);
      else resolve(stdout);
    });
  });
}
