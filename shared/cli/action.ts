import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { SEVERITIES } from '../domain/policy/severity.ts';
import { check } from './check.ts';
import { failureOf } from './frame/program.ts';
import { type Surroundings, surroundingsOf } from './frame/surroundings.ts';
import { UsageError } from './frame/usage-error.ts';

/** GitHub drops a job summary that is larger. Source: actions/runner FileCommandManager.cs. */
const MAX_SUMMARY = 1_048_576;

/**
 * The GitHub Action: writes annotations to standard output, SARIF to a file and a job summary, and exits with the code of
 * `kataudit check`.
 */
async function action(here: Surroundings): Promise<number> {
  const input = (name: string) => here.env[`INPUT_${name.toUpperCase()}`]?.trim() ?? '';
  const sarif = input('sarif-file') || 'kataudit.sarif';
  const failOn = SEVERITIES.find((one) => one === (input('fail-on').toLowerCase() || 'info'));
  if (failOn === undefined)
    throw new UsageError(`The input fail-on must be one of ${SEVERITIES.join(', ')}, not ${JSON.stringify(input('fail-on'))}`);
  const paths = input('paths')
    .split('\n')
    .map((path) => path.trim())
    .filter((path) => path !== '');
  const folder = await mkdtemp(join(here.env.RUNNER_TEMP ?? tmpdir(), 'kataudit-'));
  const summary = join(folder, 'summary.md');
  const code = await check(here, { stdin: process.stdin, cwd: process.cwd() }, paths.length === 0 ? ['.'] : paths, {
    failOn,
    format: [{ format: 'github' }, { format: 'sarif', file: sarif }, { format: 'markdown', file: summary }],
    ...(input('policy') === '' ? {} : { policy: input('policy') }),
    ...(input('namespace') === '' ? {} : { namespace: input('namespace') }),
    ...(/^true$/i.test(input('strict')) ? { strict: true } : {}),
  });
  await report(here, code, sarif, await readFile(summary, 'utf8'));
  await rm(folder, { recursive: true });
  return code;
}

async function report({ env }: Surroundings, code: number, sarif: string, summary: string): Promise<void> {
  const { GITHUB_STEP_SUMMARY: page, GITHUB_OUTPUT: outputs } = env;
  const size = Buffer.byteLength(summary);
  const shown = size > MAX_SUMMARY ? `The summary is too long to show. ${resolve(sarif)} contains every finding.\n` : summary;
  if (page !== undefined) await appendFile(page, shown);
  if (outputs !== undefined) await appendFile(outputs, `exit-code=${code}\nsarif-file=${sarif}\n`);
}

try {
  process.exitCode = await action(surroundingsOf(process));
} catch (error) {
  const { exitCode, message } = failureOf(error);
  if (message !== undefined) console.error(message);
  process.exitCode = exitCode;
}
