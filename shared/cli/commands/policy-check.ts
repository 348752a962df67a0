import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';

/** `kataudit policy check`. */
export const policyCheckCommand: CliCommand = {
  path: 'policy check',
  group: 'Policy',
  command: new Command()
    .description('Check a policy file and list every error with its line.')
    .argument('<file>', 'policy file, or "-" for standard input')
    .action(act(async (here, file) => (await import('../policy.ts')).policyCheck(file, here.terminal.print))),
  examples: [['kataudit policy check policy.yaml', 'lists every error, or counts the entries of a valid policy']],
  exitCodes: { 0: 'the policy is valid', 2: 'it has errors, or cannot be read' },
};
