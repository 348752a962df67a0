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
      'Show which findings opened and resolved between two snapshots. One policy judges both, so that only changes of the clusters show.',
    )
    .argument('<old>', 'snapshot of `collect`, or report of `audit -o json`; "-" is standard input')
    .argument('<new>', 'a later snapshot or report')
    .addOption(POLICY)
    .addOption(formatOption(['table', 'json']))
    .addOption(OUTPUT)
    .addOption(FAIL_ON)
    .action(act(async (here, older, newer, options) => (await import('../diff.ts')).diff(here, older, newer, options))),
  examples: [['kataudit diff monday.json tuesday.json', 'shows what changed from Monday to Tuesday']],
  exitCodes: {
    0: 'nothing at or above --fail-on opened',
    1: 'a finding at or above --fail-on opened',
    2: 'something can no longer be judged, or the command line is wrong',
  },
};
