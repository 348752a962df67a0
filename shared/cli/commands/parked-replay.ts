import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { ofApp } from './app-options.ts';
import { DONE } from './exit-codes.ts';

/** `kataudit parked replay`. */
export const parkedReplayCommand: CliCommand = {
  path: 'parked replay',
  group: 'A running app',
  command: ofApp(new Command().description('Send a parked message to its queue again.').argument('<id>', 'id of the message')).action(
    act(async (here, id, options) => (await import('../client/parked.ts')).replayParkedMessage(id, options, here.terminal.print)),
  ),
  examples: [['kataudit parked replay ID', 'sends the message again']],
  exitCodes: DONE,
};
