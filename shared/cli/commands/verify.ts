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
    .option('--public-key <file>', 'public key that must have signed them; repeatable, for a chain whose key was rotated', gather)
    .option('--from <number>', 'number of the first bundle; default: 1', numberOf)
    .action(act(async (here, files, options) => (await import('../bundle.ts')).verifyBundles(files, options, here.terminal.print))),
  examples: [['kataudit verify monday.json tuesday.json --public-key key.pub', 'checks two bundles and that the second follows the first']],
  exitCodes: {
    0: 'all bundles are valid and signed by a given key',
    1: 'a bundle was changed, or does not follow the previous one',
    2: 'a file cannot be read, or is not a bundle',
    3: 'all bundles are valid, but no key was given to compare with',
  },
};
