import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { formatOption } from '../frame/destinations.ts';
import { FAIL_ON, OUTPUT, POLICY } from '../frame/options.ts';

/** `kataudit diff`. */
export const diffCommand: CliCommand = {
  path: 'diff',
  group: 'Judge offline',
  command: new Command()
    .description(
      'Show what opened and resolved between two snapshots. Both are judged by one policy, so that only differences in the clusters show.',
    )
    .argument('<old>', 'snapshot of `collect`, or report of `audit -o json`; "-" is standard input')
    .argument('<new>', 'a later one')
    .addOption(POLICY)
    .addOption(formatOption(['table', 'json']))
    .addOption(OUTPUT)
    .addOption(FAIL_ON)
    .action(act(async (here, older, newer, options) => (await import('../diff.ts')).diff(here, older, newer, options))),
  examples: [['kataudit diff monday.json tuesday.json', 'tells what changed from Monday to Tuesday']],
  exitCodes: {
    0: 'nothing at or above --fail-on opened',
    1: 'a finding at or above --fail-on opened',
    2: 'something could not be judged any more, or the command line is wrong',
  },
};
