import { Command } from '@commander-js/extra-typings';
import { AUDIT_FORMATS } from '../audit-formats.ts';
import { act, type CliCommand } from '../frame/command.ts';
import { formatOption } from '../frame/destinations.ts';
import { FAIL_ON, IMAGES, OUTPUT, POLICY, STRICT } from '../frame/options.ts';
import { JUDGED } from './exit-codes.ts';

/** `kataudit evaluate`. */
export const evaluateCommand: CliCommand = {
  path: 'evaluate',
  group: 'Judge offline',
  command: new Command()
    .description('Judge a saved snapshot offline, with the same verdicts.')
    .argument('<snapshot>', 'file that `kataudit collect` wrote, or "-" for standard input')
    .addOption(POLICY)
    .addOption(IMAGES)
    .addOption(formatOption(AUDIT_FORMATS))
    .addOption(OUTPUT)
    .addOption(FAIL_ON)
    .addOption(STRICT)
    .action(act(async (here, file, options) => (await import('../snapshots.ts')).evaluateFile(here, file, options))),
  examples: [
    ['kataudit evaluate snapshot.json --policy policy.yaml', 'judges a snapshot by another policy'],
    ['kataudit evaluate snapshot.json --images images.json', 'judges it with the rows of an image file'],
    ['kataudit collect --kubeconfig FILE | kataudit evaluate - -o json', 'judges a snapshot from a pipe'],
  ],
  exitCodes: JUDGED,
};
