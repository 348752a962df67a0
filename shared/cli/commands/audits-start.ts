import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { formatOption } from '../frame/destinations.ts';
import { OUTPUT, timeout } from '../frame/options.ts';
import { ofApp } from './app-options.ts';

/** `kataudit audits start`. */
export const auditsStartCommand: CliCommand = {
  path: 'audits start',
  group: 'A running app',
  command: ofApp(
    new Command()
      .description('Start an audit of the whole estate in a running app.')
      .option('--wait', 'wait for the end of the audit and print its outcome')
      .addOption(timeout('with --wait: time limit for the whole audit'))
      .addOption(formatOption(['table', 'json']))
      .addOption(OUTPUT),
  ).action(act(async (here, options) => (await import('../client/audits.ts')).startAudit(here, options))),
  examples: [['kataudit audits start --wait --timeout 30m', 'audits before a release and fails if a cluster could not be fully assessed']],
  exitCodes: {
    0: 'it was started; with --wait: every planned cluster was fully assessed',
    2: 'it was not, or the app could not be reached',
  },
};
