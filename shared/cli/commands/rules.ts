import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { formatOption } from '../frame/destinations.ts';
import { OUTPUT } from '../frame/options.ts';
import { DONE } from './exit-codes.ts';

/** `kataudit rules`. */
export const rulesCommand: CliCommand = {
  path: 'rules',
  group: 'Judge offline',
  command: new Command()
    .description('List the rules, or print one in full.')
    .argument('[id]', 'the rule to print')
    .addOption(formatOption(['table', 'json']))
    .addOption(OUTPUT)
    .action(act(async (here, id, options) => (await import('../rules.ts')).printRules(here, id, options))),
  examples: [
    ['kataudit rules', 'lists every rule with its severity'],
    ['kataudit rules workload-sandboxed', 'explains why the rule matters and how to comply'],
  ],
  exitCodes: DONE,
};
