import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { OUTPUT } from '../frame/options.ts';
import { DONE } from './exit-codes.ts';

/** `kataudit policy schema`. */
export const policySchemaCommand: CliCommand = {
  path: 'policy schema',
  group: 'Policy',
  command: new Command()
    .description('Write the JSON Schema of the policy file, for editors.')
    .addOption(OUTPUT)
    .action(act(async (_, options) => (await import('../policy.ts')).policySchema(options))),
  examples: [['kataudit policy schema --output policy.schema.json', 'lets editors complete a policy file']],
  exitCodes: DONE,
};
