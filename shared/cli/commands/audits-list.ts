import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { formatOption } from '../frame/destinations.ts';
import { OUTPUT } from '../frame/options.ts';
import { ofApp } from './app-options.ts';
import { DONE } from './exit-codes.ts';

/** `kataudit audits list`. */
export const auditsListCommand: CliCommand = {
  path: 'audits list',
  group: 'A running app',
  command: ofApp(
    new Command()
      .description('List the audits of a running app, newest first.')
      .addOption(formatOption(['table', 'json']))
      .addOption(OUTPUT),
  ).action(act(async (here, options) => (await import('../client/audits.ts')).listAudits(here, options))),
  examples: [['kataudit audits list', 'lists when and why the estate was audited']],
  exitCodes: DONE,
};
