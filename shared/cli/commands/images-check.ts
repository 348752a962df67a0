import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';

/** `kataudit images check`. */
export const imagesCheckCommand: CliCommand = {
  path: 'images check',
  group: 'Judge offline',
  command: new Command()
    .description('List every mistake of an image file.')
    .argument('<file>', 'image file, or "-" for standard input')
    .action(act(async (here, file) => (await import('../images.ts')).checkImages(here, file))),
  examples: [['kataudit images check images.json', 'counts what the file holds']],
  exitCodes: { 0: 'it is an image file', 2: 'it has mistakes, or cannot be read' },
};
