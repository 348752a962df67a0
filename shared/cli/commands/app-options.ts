import { type Command, Option, type OptionValues } from '@commander-js/extra-typings';
import { UsageError } from '../frame/usage-error.ts';

/** `--url URL`. */
export const URL_OPTION = new Option('--url <url>', 'address of the app').env('KATAUDIT_URL').default('http://127.0.0.1:7071');

/** `--key KEY`. */
export const KEY = new Option('--key <key>', 'access key of the app').env('KATAUDIT_KEY');

const KEY_FILE = new Option('--key-file <file>', 'file that contains the access key');

const AUDIENCE = new Option(
  '--audience <uri>',
  'sign in with Entra ID, as `az login` or a managed identity does, for the app with this application ID URI',
).env('KATAUDIT_AUDIENCE');

/** Adds the options that name the app and the credentials for it. */
export function ofApp<Args extends unknown[], Options extends OptionValues, Globals extends OptionValues>(
  command: Command<Args, Options, Globals>,
) {
  return command.addOption(URL_OPTION).addOption(KEY).addOption(KEY_FILE).addOption(AUDIENCE);
}

/** Throws one `UsageError` if both saved snapshots and an app are named on the command line. */
export function assertOneWay(
  snapshot: readonly string[] | undefined,
  command: { getOptionValueSource(name: string): string | undefined },
): void {
  const isAppNamed = ['url', 'key', 'keyFile', 'audience'].some((name) => command.getOptionValueSource(name) === 'cli');
  if (snapshot !== undefined && isAppNamed) throw new UsageError('--snapshot cannot be combined with the options of a running app.');
}
