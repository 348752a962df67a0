import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { AUDIENCE, KEY, KEY_FILE, URL_OPTION } from './app-options.ts';
import { DONE } from './exit-codes.ts';

/** `kataudit parked drop`. */
export const parkedDropCommand: CliCommand = {
  path: 'parked drop',
  group: 'A running app',
  command: new Command()
    .description('Drop a parked message: later audits do not need it.')
    .argument('<id>', 'id of the message')
    .addOption(URL_OPTION)
    .addOption(KEY)
    .addOption(KEY_FILE)
    .addOption(AUDIENCE)
    .action(act(async (here, id, options) => (await import('../client/parked.ts')).dropParkedMessage(id, options, here.terminal.print))),
  examples: [['kataudit parked drop ID', 'drops the message for good']],
  exitCodes: DONE,
};
