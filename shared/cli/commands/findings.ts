import { Command } from '@commander-js/extra-typings';
import { SEVERITIES } from '../../domain/policy/severity.ts';
import { act, type CliCommand } from '../frame/command.ts';
import { formatOption } from '../frame/destinations.ts';
import { gather, OUTPUT, wordOption, wordsOption } from '../frame/options.ts';
import { ofApp } from './app-options.ts';

/** `kataudit findings`. */
export const findingsCommand: CliCommand = {
  path: 'findings',
  group: 'A running app',
  command: ofApp(
    new Command()
      .description('List the findings of a running app, most severe first.')
      .addOption(wordOption('--status <status>', 'which findings', ['open', 'resolved', 'all']).default('open' as const))
      .addOption(wordsOption('--severity <severity>', 'only of this severity', SEVERITIES))
      .option('--rule <id>', 'only of this rule; may be given again', gather)
      .option('--cluster <name>', 'only of this cluster, by name or ARM id; may be given again', gather)
      .option('-n, --namespace <name>', 'only of workloads of this namespace')
      .option('--exempted', 'only those that an exemption covers')
      .option('--no-exempted', 'only those that count')
      .option('--filter <name=value>', 'another filter of GET /api/findings; may be given again', gather)
      .addOption(formatOption(['table', 'wide', 'json']))
      .addOption(OUTPUT),
  ).action(act(async (here, options) => (await import('../client/findings.ts')).findings(here, options))),
  examples: [
    ['kataudit findings --severity critical', 'lists what to see to first'],
    ['kataudit findings --cluster pay-prod --no-exempted -o wide', 'lists what counts on a cluster, with the fix of each'],
  ],
  exitCodes: { 0: 'there is no such finding', 1: 'there is one', 2: 'the app could not be asked' },
};
