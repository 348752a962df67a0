import { Command, Option } from '@commander-js/extra-typings';
import { given } from '../../domain/snapshot/given.ts';
import { act, type CliCommand } from '../frame/command.ts';
import { gather } from '../frame/options.ts';

const FROM = new Option(
  '--from <file>',
  "take rows from it: an image file, release notes of a Kata image, or a report of AKS's vulnerability data; repeatable",
)
  .argParser(gather)
  .makeOptionMandatory();

/** `kataudit images update`. */
export const imagesUpdateCommand: CliCommand = {
  path: 'images update',
  group: 'Judge offline',
  command: new Command()
    .description('Add the rows of other files to an image file. Of two rows about one image, the one with the later date is kept.')
    .argument('<file>', 'image file; created if it does not exist')
    .addOption(FROM)
    .option('--seen-on <date>', 'when the other files were downloaded; default: today')
    .action(
      act(async (here, file, { from, seenOn }) => {
        const { updateImages } = await import('../images.ts');
        return updateImages(here, file, { from, ...given({ seenOn }) }, new Date());
      }),
    ),
  examples: [
    ['kataudit images update images.json --from 202610.08.0.txt', 'adds the kernels and the Kata version of one image'],
    ['kataudit images update images.json --from report.json', 'adds the vulnerabilities of one image'],
  ],
  exitCodes: { 0: 'written', 2: 'a file has errors, or cannot be read; nothing was written' },
};
