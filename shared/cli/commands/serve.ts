import { Command, InvalidArgumentError } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { PORT } from './local-options.ts';

/** The longest trend that the dashboard can show. */
const MAX_HISTORY_DAYS = 90;

function historyOf(text: string): number {
  if (/^\d{1,2}$/.test(text) && Number(text) >= 1 && Number(text) <= MAX_HISTORY_DAYS) return Number(text);
  throw new InvalidArgumentError(`It must be 1 to ${MAX_HISTORY_DAYS} days.`);
}

/** `kataudit serve`. */
export const serveCommand: CliCommand = {
  path: 'serve',
  group: 'On this machine',
  command: new Command()
    .description('Run everything on this machine: storage, a simulated estate, the functions, the API and the dashboard.')
    .addOption(PORT)
    .option('--estate <file>', 'estate to simulate (JSON); default: the built-in one')
    .option('--data <dir>', 'keep state in this folder between runs; default: in memory')
    .option('--history <days>', 'simulate a trend of this many days before today', historyOf)
    .option('--once', 'run one audit, print it, and exit')
    .option('--no-auth', 'serve the API without keys')
    .action(act(async (here, options) => (await import('../serve.ts')).serve(here, options))),
  examples: [
    ['kataudit serve', 'audits the simulated estate and serves the dashboard until Ctrl-C'],
    ['kataudit serve --once', 'audits once, prints the findings, and ends'],
  ],
  exitCodes: { 0: 'ended as requested', 2: 'it could not start or stopped unexpectedly, or the command line is wrong' },
};
