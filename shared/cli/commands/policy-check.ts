import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';

/** `kataudit policy check`. */
export const policyCheckCommand: CliCommand = {
  path: 'policy check',
  group: 'Policy',
  command: new Command()
    .description('List every mistake of a policy file, each with its line.')
    .argument('<file>', 'policy file, or "-" for standard input')
    .action(act(async (here, file) => (await import('../policy.ts')).policyCheck(file, here.terminal.print))),
  examples: [['kataudit policy check policy.yaml', 'is silent about nothing: it counts what the policy holds']],
  exitCodes: { 0: 'it is a policy', 2: 'it has mistakes, or cannot be read' },
};
