import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { ofApp } from './app-options.ts';
import { DONE } from './exit-codes.ts';

/** `kataudit parked drop`. */
export const parkedDropCommand: CliCommand = {
  path: 'parked drop',
  group: 'A running app',
  command: ofApp(new Command().description('Drop a parked message that is no longer needed.').argument('<id>', 'id of the message')).action(
    act(async (here, id, options) => (await import('../client/parked.ts')).dropParkedMessage(id, options, here.terminal.print)),
  ),
  examples: [['kataudit parked drop ID', 'drops the message for good']],
  exitCodes: DONE,
};
