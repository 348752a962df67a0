import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { formatOption } from '../frame/destinations.ts';
import { OUTPUT } from '../frame/options.ts';
import { ofApp } from './app-options.ts';

/** `kataudit clusters`. */
export const clustersCommand: CliCommand = {
  path: 'clusters',
  group: 'A running app',
  command: ofApp(
    new Command()
      .description('List the clusters of a running app, with their open findings and what could not be checked.')
      .addOption(formatOption(['table', 'json']))
      .addOption(OUTPUT),
  ).action(act(async (here, options) => (await import('../client/clusters.ts')).clusters(here, options))),
  examples: [['kataudit clusters --url https://APP.azurewebsites.net --audience api://kataudit', 'lists them with the signed-in identity']],
  exitCodes: { 0: 'every present cluster was fully assessed', 2: 'one was not, or the app could not be reached' },
};
