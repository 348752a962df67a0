import { Command } from '@commander-js/extra-typings';
import { EVENT_TYPES } from '../event-types.ts';
import { act, type CliCommand } from '../frame/command.ts';
import { wordOption } from '../frame/options.ts';
import { URL_OPTION } from './app-options.ts';
import { DONE } from './exit-codes.ts';

/** `kataudit event`. */
export const eventCommand: CliCommand = {
  path: 'event',
  group: 'A running app',
  command: new Command()
    .description('Send events to a running app as Event Grid would: from a file, or generated.')
    .argument('[file]', 'file of events (JSON), or "-" for standard input')
    .addOption(URL_OPTION)
    .option('--key <key>', 'the Event Grid extension key of the app (local mode prints its own)')
    .addOption(wordOption('--type <type>', 'generate an AKS event of this type', EVENT_TYPES))
    .option('--cluster <id>', 'ARM id of the cluster')
    .option('--node-pool <name>', 'the node pool of the event')
    .action(act(async (_, file, options) => (await import('../event.ts')).sendEvents(file, options))),
  examples: [
    ['kataudit event event.json', 'replays a saved event'],
    ['kataudit event --type NodePoolRollingSucceeded --cluster RESOURCE_ID --node-pool kata', 'generates an event'],
  ],
  exitCodes: DONE,
};
