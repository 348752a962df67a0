import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { ofApp } from './app-options.ts';
import { DONE } from './exit-codes.ts';

/** `kataudit exemptions end`. */
export const exemptionsEndCommand: CliCommand = {
  path: 'exemptions end',
  group: 'A running app',
  command: ofApp(
    new Command()
      .description('End an exemption of a running app now: the findings that it covered count again.')
      .argument('<id>', 'id of the exemption'),
  ).action(act(async (here, id, options) => (await import('../client/exemptions.ts')).endExemption(here, id, options))),
  examples: [['kataudit exemptions end freeze', 'ends it before its last day']],
  exitCodes: DONE,
};
