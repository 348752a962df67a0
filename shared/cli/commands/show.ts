import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { formatOption } from '../frame/destinations.ts';
import { OUTPUT, POLICY, QUIET, TIMEOUT, VERBOSE } from '../frame/options.ts';
import { CLUSTER, CONTEXT, KUBECONFIG } from './cluster-options.ts';

/** `kataudit show`. */
export const showCommand: CliCommand = {
  path: 'show',
  group: 'Inspect clusters',
  command: new Command()
    .description('Show the Kata parts of a cluster without judging them: node pools, RuntimeClasses, nodes and kernels.')
    .addOption(KUBECONFIG)
    .addOption(CONTEXT)
    .addOption(CLUSTER)
    .option('--probe', 'also read kernels in running sandboxed pods; see docs/probe.md')
    .addOption(POLICY)
    .addOption(formatOption(['table', 'json']))
    .addOption(OUTPUT)
    .addOption(TIMEOUT)
    .addOption(QUIET)
    .addOption(VERBOSE)
    .action(act(async (here, options) => (await import('../show.ts')).show(here, options))),
  examples: [
    ['kataudit show', 'shows the cluster of the current kubectl context'],
    ['kataudit show --probe', 'also compares the kernels of nodes and sandboxed pods'],
  ],
  exitCodes: { 0: 'everything was read', 2: 'a part could not be read, or the command line is wrong' },
};
