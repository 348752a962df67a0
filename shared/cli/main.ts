#!/usr/bin/env node
import { COMMANDS, PARENTS } from './commands/index.ts';
import { complete } from './frame/complete.ts';
import { createProgram, failureOf, withDefault } from './frame/program.ts';
import { COMPLETE } from './frame/shells.ts';

/** Exit codes: 0 clean, 1 findings at or above `--fail-on`, 2 not everything could be checked, or wrong usage. */
const COULD_NOT = 2;

let isOutputBroken = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that closes the pipe early, such as `head`, is not an error.
  if (error.code === 'EPIPE' || isOutputBroken) return;
  isOutputBroken = true;
  console.error(`kataudit: Cannot write to standard output: ${error.message}`);
});
process.once('exit', () => {
  if (isOutputBroken) process.exitCode = COULD_NOT;
});
process.on('uncaughtException', fail);

const args = process.argv.slice(2);
const program = createProgram(COMMANDS, PARENTS);
try {
  if (args[0] === COMPLETE) for (const { value, what } of complete(program, args.slice(2))) console.log(`${value}\t${what}`.trimEnd());
  else await program.parseAsync(withDefault(args), { from: 'user' });
} catch (error) {
  fail(error);
}

function fail(error: unknown): void {
  const { exitCode, message } = failureOf(error);
  if (message !== undefined) console.error(message);
  process.exitCode = exitCode;
}
