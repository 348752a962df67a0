import { Command, Option } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { OUTPUT, POLICY, QUIET, TIMEOUT, VERBOSE } from '../frame/options.ts';
import { ofApp } from './app-options.ts';
import { CLUSTER, CONTEXT, KUBECONFIG } from './cluster-options.ts';

/** The name of `--output` in version 0.1.0, kept for existing scripts. */
const OUT = new Option('--out <file>', 'the same as --output').hideHelp();

/** `--push ID`. */
const PUSH = new Option(
  '--push [id]',
  'send the snapshot to a running app that cannot reach the cluster, as a scan of the AKS cluster with this ARM id; default: the id of --cluster',
);

/** `--snapshot FILE`. */
const SNAPSHOT = new Option('--snapshot <file>', 'with --push: send this saved snapshot, or "-" for standard input, instead of a new one');

/** `kataudit collect`. */
export const collectCommand: CliCommand = {
  path: 'collect',
  group: 'Inspect clusters',
  command: ofApp(
    new Command()
      .description('Save a snapshot of a cluster, to judge it offline or to send it to a running app.')
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
    ['kataudit collect --kubeconfig FILE --output snapshot.json', 'saves everything that can be read of the cluster'],
    [
      'kataudit collect --kubeconfig FILE --push RESOURCE_ID --url https://APP.azurewebsites.net',
      'has an app judge and store a cluster that only this machine can reach',
    ],
    [
      'kataudit collect --snapshot snapshot.json --push RESOURCE_ID --url https://APP.azurewebsites.net',
      'does the same with a snapshot that was saved on a machine without a connection to the app; it must be at most a week old',
    ],
  ],
  exitCodes: {
    0: 'everything was collected',
    2: 'a part could not be collected, the app refused the snapshot, or the command line is wrong',
  },
};
