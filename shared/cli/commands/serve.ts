import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { PORT } from './local-options.ts';

/** `kataudit serve`. */
export const serveCommand: CliCommand = {
  path: 'serve',
  group: 'On this machine',
  command: new Command()
    .description('Run everything on this machine: storage, a simulated estate, the functions, the API and the dashboard.')
    .addOption(PORT)
    .option('--estate <file>', 'estate to simulate (JSON); default: the built-in one')
    .option('--data <dir>', 'keep state in this folder between runs; default: in memory')
    .option('--once', 'run one audit, print it, and exit')
    .option('--no-auth', 'serve the API without keys')
    .action(act(async (here, options) => (await import('../serve.ts')).serve(here, options))),
  examples: [
    ['kataudit serve', 'audits the simulated estate and serves the dashboard until Ctrl-C'],
    ['kataudit serve --once', 'audits once, prints the findings, and ends'],
  ],
  exitCodes: { 0: 'ended as asked', 2: 'it could not start or run on, or the command line is wrong' },
};
