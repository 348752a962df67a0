import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { compiling } from './compiler.ts';
import { EQUIVALENT } from './equivalent.ts';
import { addMoreFaults } from './more-faults.ts';
import { readMutants } from './mutant.ts';
import { summarize, withoutEquivalent } from './summary.ts';

/*
 * `npm run mutants -- FOLDER…` puts small faults into the files of `shared/FOLDER`, one at a time, and runs the fast tests that
 * reach them. It prints each fault that no test noticed and that compiles, and the share that was caught. It is no part of `npm test`: it takes minutes.
 */

/** Texts for people are checked by reading them; a changed word is not a fault of the program. */
const NOT_FAULTS = ['StringLiteral'];
const USAGE = `Usage: npm run mutants -- FOLDER… [--tests GLOB]… [--every N] [--jobs N]
  FOLDER    below shared/, such as domain/policy, or a file such as rules/node-os-patching.ts
  --tests   only these of the fast tests, such as 'test/domain/policy/**': quick, and what it prints is at most what all tests catch;
            may be given several times
  --jobs    test runs side by side, 2 if not given
  --every   faults in one of N functions only, the same each time
`;

const { positionals: folders, values } = parseArgs({
  allowPositionals: true,
  options: { tests: { type: 'string', multiple: true }, every: { type: 'string', default: '1' }, jobs: { type: 'string', default: '2' } },
});
if (folders.length === 0 || ![values.every, values.jobs].every((count) => /^[1-9]\d*$/.test(count))) {
  process.stderr.write(USAGE);
  process.exit(2);
}
for (const folder of folders) {
  if (existsSync(join('shared', folder))) continue;
  process.stderr.write(`There is no shared/${folder}. Several tests are given as --tests GLOB --tests GLOB.\n`);
  process.exit(2);
}
process.env.MUTANTS_ROOT = process.cwd();
process.env.MUTANTS_EVERY = values.every;
process.env.MUTANTS_TESTS = JSON.stringify(values.tests ?? []);
const temporary = await mkdtemp(join(tmpdir(), 'kataudit-mutants-'));
try {
  await addMoreFaults();
  const report = join(temporary, 'report.json');
  const stryker = new Stryker({
    mutate: folders.map((folder) => (folder.endsWith('.ts') ? `shared/${folder}` : `shared/${folder}/**/*.ts`)),
    testRunner: 'vitest',
    plugins: [
      '@stryker-mutator/vitest-runner',
      resolve(import.meta.dirname, 'sampled.ts'),
      resolve(import.meta.dirname, 'checked.ts'),
      resolve(import.meta.dirname, 'found.ts'),
    ],
    checkers: ['compiled'],
    ignorers: ['sampled'],
    vitest: { related: true, configFile: 'test/mutation/vitest.config.ts' },
    coverageAnalysis: 'perTest',
    mutator: { excludedMutations: NOT_FAULTS },
    // The compiler of TypeScript 7 has no API yet that Stryker could rewrite a configuration with.
    tsconfigFile: 'no-tsconfig.json',
    ignorePatterns: ['dist', '.package'],
    tempDirName: join(temporary, 'sandbox'),
    reporters: ['json', 'progress-append-only', 'found'],
    jsonReporter: { fileName: report },
    // Beside the time that the tests take: a fault that waits for ever costs this much.
    timeoutMS: 1_500,
    concurrency: Number(values.jobs),
    cleanTempDir: 'always',
  });
  await stryker.runMutationTest();
  const mutants = withoutEquivalent(readMutants(JSON.parse(await readFile(report, 'utf8'))), EQUIVALENT);
  const { lines, share } = summarize(await compiling(process.cwd(), mutants));
  process.stdout.write(`${lines.join('\n')}\n`);
  process.exitCode = share >= 0.95 ? 0 : 1;
} finally {
  await rm(temporary, { recursive: true, force: true });
}
