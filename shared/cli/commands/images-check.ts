import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';

/** `kataudit images check`. */
export const imagesCheckCommand: CliCommand = {
  path: 'images check',
  group: 'Judge offline',
  command: new Command()
    .description('Check an image file and list every error.')
    .argument('<file>', 'image file, or "-" for standard input')
    .action(act(async (here, file) => (await import('../images.ts')).checkImages(here, file))),
  examples: [['kataudit images check images.json', 'counts the rows of the file']],
  exitCodes: { 0: 'the file is valid', 2: 'it has errors, or cannot be read' },
};
