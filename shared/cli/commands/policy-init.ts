import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { OUTPUT } from '../frame/options.ts';
import { DONE } from './exit-codes.ts';

/** `kataudit policy init`. */
export const policyInitCommand: CliCommand = {
  path: 'policy init',
  group: 'Policy',
  command: new Command()
    .description('Write a commented starter policy.')
    .addOption(OUTPUT)
    .action(act(async (_, options) => (await import('../policy.ts')).policyInit(options))),
  examples: [['kataudit policy init --output policy.yaml', 'writes every section of a policy with its default']],
  exitCodes: DONE,
};
