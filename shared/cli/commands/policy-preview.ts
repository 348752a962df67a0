import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { formatOption } from '../frame/destinations.ts';
import { FAIL_ON, gather, OUTPUT, POLICY } from '../frame/options.ts';
import { assertOneWay, ofApp } from './app-options.ts';

/** `kataudit policy preview`. */
export const policyPreviewCommand: CliCommand = {
  path: 'policy preview',
  group: 'Policy',
  command: ofApp(
    new Command()
      .description('Show which findings a new policy would open and resolve, for saved snapshots or a running app.')
      .argument('<new>', 'the new policy, or "-" for standard input')
      .option(
        '--snapshot <file>',
        'snapshot of `collect`, or report of `audit -o json`, or "-" for standard input, instead of a running app; repeatable',
        gather,
      )
      .addOption(POLICY),
  )
    .addOption(formatOption(['table', 'json']))
    .addOption(OUTPUT)
    .addOption(FAIL_ON)
    .action(
      act(async (here, file, options, command) => {
        assertOneWay(options.snapshot, command);
        return (await import('../diff.ts')).policyPreview(here, file, options);
      }),
    ),
  examples: [
    ['kataudit policy preview new.yaml --policy policy.yaml --snapshot snapshot.json', 'shows what the new policy would change'],
    [
      'kataudit policy preview new.yaml --policy policy.yaml --url https://APP.azurewebsites.net --key-file key.txt',
      'shows what it would change for all clusters of a running app whose policy is policy.yaml',
    ],
  ],
  exitCodes: {
    0: 'nothing at or above --fail-on would open',
    1: 'a finding at or above --fail-on would open',
    2: 'something could not be judged, or the command line is wrong',
  },
};
