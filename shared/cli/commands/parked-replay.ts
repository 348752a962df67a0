import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { AUDIENCE, KEY, KEY_FILE, URL_OPTION } from './app-options.ts';
import { DONE } from './exit-codes.ts';

/** `kataudit parked replay`. */
export const parkedReplayCommand: CliCommand = {
  path: 'parked replay',
  group: 'A running app',
  command: new Command()
    .description('Send a parked message to its queue again.')
    .argument('<id>', 'id of the message')
    .addOption(URL_OPTION)
    .addOption(KEY)
    .addOption(KEY_FILE)
    .addOption(AUDIENCE)
    .action(act(async (here, id, options) => (await import('../client/parked.ts')).replayParkedMessage(id, options, here.terminal.print))),
  examples: [['kataudit parked replay ID', 'gives the message another try']],
  exitCodes: DONE,
};
