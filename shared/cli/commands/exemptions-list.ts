import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { formatOption } from '../frame/destinations.ts';
import { OUTPUT } from '../frame/options.ts';
import { ofApp } from './app-options.ts';
import { DONE } from './exit-codes.ts';

/** `kataudit exemptions list`. */
export const exemptionsListCommand: CliCommand = {
  path: 'exemptions list',
  group: 'A running app',
  command: ofApp(
    new Command()
      .description('List the exemptions of the policy and of a running app.')
      .addOption(formatOption(['table', 'json']))
      .addOption(OUTPUT),
  ).action(act(async (here, options) => (await import('../client/exemptions.ts')).listExemptions(here, options))),
  examples: [['kataudit exemptions list', 'lists exemptions, whether each is live, and what it covers']],
  exitCodes: DONE,
};
