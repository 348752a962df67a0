import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { formatOption } from '../frame/destinations.ts';
import { OUTPUT, wordOption } from '../frame/options.ts';
import { ofApp } from './app-options.ts';

/** `kataudit parked list`. */
export const parkedListCommand: CliCommand = {
  path: 'parked list',
  group: 'A running app',
  command: ofApp(
    new Command()
      .description('List the parked messages, or those that were replayed or dropped.')
      .addOption(
        wordOption('--state <state>', 'waiting messages, or those that were replayed or dropped', ['waiting', 'settled']).default(
          'waiting' as const,
        ),
      )
      .addOption(formatOption(['table', 'json']))
      .addOption(OUTPUT),
  ).action(act(async (here, options) => (await import('../client/parked.ts')).listParkedMessages(here, options))),
  examples: [['kataudit parked list --url https://APP.azurewebsites.net', 'lists the waiting messages, each with its reason']],
  exitCodes: { 0: 'no message is waiting', 1: 'a message is waiting', 2: 'the app could not be reached' },
};
