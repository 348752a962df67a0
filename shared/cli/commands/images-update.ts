import { Command, Option } from '@commander-js/extra-typings';
import { given } from '../../domain/snapshot/given.ts';
import { act, type CliCommand } from '../frame/command.ts';
import { gather } from '../frame/options.ts';

const FROM = new Option(
  '--from <file>',
  "take rows from it: an image file, release notes of a Kata image, or a report of AKS's vulnerability data; may be given again",
)
  .argParser(gather)
  .makeOptionMandatory();

/** `kataudit images update`. */
export const imagesUpdateCommand: CliCommand = {
  path: 'images update',
  group: 'Judge offline',
  command: new Command()
    .description('Add the rows of other files to an image file; of two rows about one image, the one that was read later is kept.')
    .argument('<file>', 'image file; made when it is not there')
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
  exitCodes: { 0: 'written', 2: 'a file has mistakes, or cannot be read; nothing was written' },
};
