import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { ofApp } from './app-options.ts';
import { DONE } from './exit-codes.ts';

/** `kataudit exemptions renew`. */
export const exemptionsRenewCommand: CliCommand = {
  path: 'exemptions renew',
  group: 'A running app',
  command: ofApp(
    new Command()
      .description('Change the end date of an exemption of a running app.')
      .argument('<id>', 'id of the exemption')
      .requiredOption('--expires-on <date>', 'the last day on which it applies, such as 2027-01-31')
      .option('--reason <text>', 'a new reason; default: unchanged'),
  ).action(act(async (here, id, options) => (await import('../client/exemptions.ts')).renewExemption(here, id, options))),
  examples: [['kataudit exemptions renew freeze --expires-on 2027-02-28', 'extends it by a month']],
  exitCodes: DONE,
};
