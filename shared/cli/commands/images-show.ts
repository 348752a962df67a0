import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { formatOption } from '../frame/destinations.ts';
import { OUTPUT } from '../frame/options.ts';

/** `kataudit images show`. */
export const imagesShowCommand: CliCommand = {
  path: 'images show',
  group: 'Judge offline',
  command: new Command()
    .description('Show what is known about node images, built in and from a file, with the source of each row.')
    .argument('[file]', 'image file, or "-" for standard input')
    .addOption(formatOption(['table', 'json']))
    .addOption(OUTPUT)
    .action(act(async (here, file, options) => (await import('../images.ts')).showImages(here, file, options))),
  examples: [
    ['kataudit images show', 'shows what this version knows'],
    ['kataudit images show images.json', 'shows what an app knows with this file in its storage'],
  ],
  exitCodes: { 0: 'shown', 2: 'the file has errors, or cannot be read' },
};
