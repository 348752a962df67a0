import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { gather, numberOf } from '../frame/options.ts';

/** `kataudit verify`. */
export const verifyCommand: CliCommand = {
  path: 'verify',
  group: 'Evidence',
  command: new Command()
    .description('Check signed bundles offline, in the order of their chain.')
    .argument('<bundles...>', 'bundles, the oldest first, or "-" for standard input')
    .option('--public-key <file>', 'public key that must have signed them; may be given again, for keys that were changed', gather)
    .option('--from <number>', 'number of the first bundle; default: 1', numberOf)
    .action(act(async (here, files, options) => (await import('../bundle.ts')).verifyBundles(files, options, here.terminal.print))),
  examples: [['kataudit verify monday.json tuesday.json --public-key key.pub', 'checks two bundles, and that one follows the other']],
  exitCodes: {
    0: 'all hold, signed by the key that was given',
    1: 'one was changed, or does not follow the one before',
    2: 'one cannot be read, or is no bundle',
    3: 'all hold, but no key was given to compare theirs with',
  },
};
