import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { wordOption } from '../frame/options.ts';
import { ofApp } from './app-options.ts';
import { DONE } from './exit-codes.ts';

/** `kataudit exemptions give`. */
export const exemptionsGiveCommand: CliCommand = {
  path: 'exemptions give',
  group: 'A running app',
  command: ofApp(
    new Command()
      .description('Create an exemption in a running app; an existing one is not replaced.')
      .argument('<id>', 'id of the exemption: lower-case letters, digits and hyphens')
      .requiredOption('--rule <id>', 'the rule whose failures are accepted')
      .requiredOption('--reason <text>', 'why')
      .requiredOption('--approved-by <who>', 'who approves it')
      .requiredOption('--expires-on <date>', 'the last day on which it applies, such as 2027-01-31')
      .addOption(
        wordOption('--category <category>', 'accepted, or mitigated by another control', ['waiver', 'mitigated']).default(
          'waiver' as const,
        ),
      )
      .option('--cluster <glob>', 'only clusters with this name')
      .option('-n, --namespace <glob>', 'only workloads in this namespace')
      .option('--workload <glob>', 'only workloads with this name')
      .option('--pool <glob>', 'only node pools with this name'),
  ).action(act(async (here, id, options) => (await import('../client/exemptions.ts')).giveExemption(here, id, options))),
  examples: [
    [
      'kataudit exemptions give freeze --rule node-image-current --cluster pay-prod --reason Freeze --approved-by platform --expires-on 2027-01-31',
      'accepts stale images on a cluster until the end of January',
    ],
  ],
  exitCodes: DONE,
};
