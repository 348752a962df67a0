import { Command, Option } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { OUTPUT, POLICY, QUIET, TIMEOUT, VERBOSE } from '../frame/options.ts';
import { ofApp } from './app-options.ts';
import { CLUSTER, CONTEXT, KUBECONFIG } from './cluster-options.ts';

/** What `--output` was called in version 0.1.0; scripts that say so still work. */
const OUT = new Option('--out <file>', 'the same as --output').hideHelp();

/** `--push ID`. */
const PUSH = new Option(
  '--push [id]',
  'send it to a running app that cannot reach the cluster, as a look at the AKS cluster with this ARM id; default: that of --cluster',
);

/** `--snapshot FILE`. */
const SNAPSHOT = new Option(
  '--snapshot <file>',
  'with --push: send this saved snapshot, or "-" for standard input, instead of looking at a cluster',
);

/** `kataudit collect`. */
export const collectCommand: CliCommand = {
  path: 'collect',
  group: 'Look at clusters',
  command: ofApp(
    new Command()
      .description('Save a snapshot of a cluster, to judge it again offline, or send it to a running app.')
      .addOption(KUBECONFIG)
      .addOption(CONTEXT)
      .addOption(CLUSTER)
      .addOption(POLICY)
      .addOption(OUTPUT)
      .addOption(OUT)
      .addOption(PUSH)
      .addOption(SNAPSHOT),
  )
    .addOption(TIMEOUT)
    .addOption(QUIET)
    .addOption(VERBOSE)
    .action(act(async (here, options) => (await import('../snapshots.ts')).collect(here, options))),
  examples: [
    ['kataudit collect --kubeconfig FILE --output snapshot.json', 'saves what can be seen of the cluster'],
    [
      'kataudit collect --kubeconfig FILE --push RESOURCE_ID --url https://APP.azurewebsites.net',
      'has an app judge and store what only this machine can see',
    ],
    [
      'kataudit collect --snapshot snapshot.json --push RESOURCE_ID --url https://APP.azurewebsites.net',
      'does so with a snapshot that was saved where no network leads here; it is at most a week old',
    ],
  ],
  exitCodes: { 0: 'everything was seen', 2: 'a part could not be checked, the app refused it, or the command line is wrong' },
};
