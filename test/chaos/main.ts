import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runChaos } from './rounds.ts';

/** `npm run chaos -- [--seed TEXT] [--rounds N]`: the same seed kills at the same shares of the audit. The host runs from this checkout, so do not edit it meanwhile. */
const { values } = parseArgs({ options: { seed: { type: 'string' }, rounds: { type: 'string', default: '50' } } });
const seed = values.seed ?? randomBytes(4).toString('hex');
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds is a whole number above 0, not ${values.rounds}`);

console.log(`Seed ${seed}, ${rounds} rounds.`);
try {
  const { deaths } = await runChaos(seed, rounds, (line) => console.log(line));
  console.log(`${deaths} deaths in ${rounds} rounds; after each round the state was that of the undisturbed run. Seed ${seed}.`);
} catch (error) {
  // The message contains the seed, the round and the difference; a stack trace would hide them.
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
