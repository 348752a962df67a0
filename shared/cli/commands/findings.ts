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
      .addOption(wordOption('--status <status>', 'which findings to list', ['open', 'resolved', 'all']).default('open' as const))
      .addOption(wordsOption('--severity <severity>', 'only findings of this severity', SEVERITIES))
      .option('--rule <id>', 'only findings of this rule; repeatable', gather)
      .option('--cluster <name>', 'only findings of this cluster, by name or ARM id; repeatable', gather)
      .option('-n, --namespace <name>', 'only workloads in this namespace')
      .option('--exempted', 'only findings that an exemption covers')
      .option('--no-exempted', 'only findings that no exemption covers')
      .option('--filter <name=value>', 'another filter of GET /api/findings; repeatable', gather)
      .addOption(formatOption(['table', 'wide', 'json']))
      .addOption(OUTPUT),
  ).action(act(async (here, options) => (await import('../client/findings.ts')).findings(here, options))),
  examples: [
    ['kataudit findings --severity critical', 'lists what to fix first'],
    ['kataudit findings --cluster pay-prod --no-exempted -o wide', 'lists the findings of a cluster that count, each with its fix'],
  ],
  exitCodes: { 0: 'no finding matches', 1: 'at least one finding matches', 2: 'the app could not be reached' },
};
