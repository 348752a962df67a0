import { InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { SEVERITIES, type Severity } from '../../domain/policy/severity.ts';

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600 };
const MAX_SECONDS = 86_400;
const ANY_SEVERITY: Severity = 'info';

/** `--output FILE`, the destination of the document that has no file of its own. */
export const OUTPUT = new Option('--output <file>', 'where to write; default, and "-": standard output');

/** `--policy FILE`. */
export const POLICY = new Option('--policy <file>', 'policy file, or "-" for standard input; default: the built-in policy');

/** `--images FILE`. */
export const IMAGES = new Option(
  '--images <file>',
  'image file with kernels, newest images and vulnerabilities, in addition to the built-in ones; see `kataudit images`',
);

/** `--fail-on SEVERITY`. */
export const FAIL_ON = failOn('exit with 1 for a finding at or above');

/** `--fail-on SEVERITY`, with its effect in a command. */
export function failOn(effect: string) {
  return new Option('--fail-on <severity>', `${effect}: ${SEVERITIES.join(', ')}`)
    .argParser((text): Severity => oneOf(SEVERITIES, text))
    .default(ANY_SEVERITY);
}

/** `--strict`. */
export const STRICT = new Option(
  '--strict',
  "also exit with 2 for evidence that is missing by design, such as Azure's with only a kubeconfig",
);

/** `--quiet`. */
export const QUIET = new Option('-q, --quiet', 'print only the result and errors');

/** `--verbose`. */
export const VERBOSE = new Option('-v, --verbose', 'print each call and its duration to standard error');

/** `--watch [TIME]`, converted to seconds. */
export const WATCH = new Option('--watch [time]', 'audit repeatedly, this long after each audit, until Ctrl-C; new findings are marked')
  .argParser(secondsOf)
  .preset('60s');

/** `--timeout DURATION`, converted to seconds. */
export const TIMEOUT = timeout('time limit for each cluster');

/** `--timeout DURATION`, converted to seconds, with what it limits in a command. */
export function timeout(limit: string) {
  return new Option('--timeout <duration>', `${limit}, such as 90s or 5m`).argParser(secondsOf).default(300, '5m');
}

/** An option with a fixed set of values, case-insensitive. */
export function wordOption<F extends string, T extends string>(flags: F, description: string, words: readonly T[]) {
  return new Option(flags, `${description}: ${words.join(', ')}`).argParser((text): T => oneOf(words, text));
}

/** A repeatable option with a fixed set of values, case-insensitive. */
export function wordsOption<F extends string, T extends string>(flags: F, description: string, words: readonly T[]) {
  // commander passes undefined before the first value, although its type says otherwise.
  const collect = (text: string, held?: readonly T[]): readonly T[] => [...(held ?? []), oneOf(words, text)];
  return new Option(flags, `${description}: ${words.join(', ')}; repeatable`).argParser<readonly T[]>(collect);
}

/** Parses one of a fixed set of values, case-insensitive; the error lists them. */
export function oneOf<T extends string>(words: readonly T[], text: string): T {
  const word = words.find((one) => one.toLowerCase() === text.toLowerCase());
  if (word !== undefined) return word;
  throw new InvalidArgumentError(`It must be one of ${words.join(', ')}.`);
}

/** Collects the values of a repeatable option. */
export function gather(value: string, held: readonly string[] | undefined): readonly string[] {
  return [...(held ?? []), value];
}

/** Parses a whole number of 1 or more. */
export function numberOf(text: string): number {
  const number = Number(text);
  if (/^\d{1,9}$/.test(text) && number >= 1) return number;
  throw new InvalidArgumentError('It must be a whole number of 1 or more.');
}

/** Parses a TCP port. */
export function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError('It must be 1 to 65535.');
}

function secondsOf(text: string): number {
  const [, digits = '', unit = 's'] = /^(\d{1,9})([smh]?)$/i.exec(text) ?? [];
  const seconds = digits === '' ? 0 : Number(digits) * (UNITS[unit.toLowerCase() || 's'] ?? 0);
  if (seconds > 0 && seconds <= MAX_SECONDS) return seconds;
  throw new InvalidArgumentError('It must be a time such as 90s, 5m or 1h, up to 24h.');
}
