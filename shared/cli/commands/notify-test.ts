import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { gather, POLICY } from '../frame/options.ts';
import { DONE } from './exit-codes.ts';

/** `kataudit notify test`. */
export const notifyTestCommand: CliCommand = {
  path: 'notify test',
  group: 'Policy',
  command: new Command()
    .description('Send a sample change to the notification targets of a policy. The environment variables contain their addresses.')
    .addOption(POLICY)
    .option('--target <name>', 'only this target; repeatable', gather)
    .action(act(async (here, options) => (await import('../notify-test.ts')).notifyTest(here, options))),
  examples: [
    ['KATAUDIT_TARGET_ON_CALL=https://hooks.slack.com/… kataudit notify test --policy policy.yaml', 'sends to every target'],
    ['kataudit notify test --policy policy.yaml --target on-call', 'sends to one target'],
  ],
  exitCodes: DONE,
};
