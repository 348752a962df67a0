import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { PORT } from './local-options.ts';

/** `kataudit demo`. */
export const demoCommand: CliCommand = {
  path: 'demo',
  group: 'On this machine',
  command: new Command()
    .description('Upgrade a stale node pool of the simulated estate and watch its finding resolve.')
    .addOption(PORT)
    .action(act(async (here, options) => (await import('../demo.ts')).demo(here, options))),
  examples: [['kataudit demo', 'shows a finding from its opening to its resolution in a few seconds']],
  exitCodes: { 0: 'the finding resolved', 2: 'it did not, or it could not start' },
};
