import { Command } from '@commander-js/extra-typings';
import { act, type CliCommand } from '../frame/command.ts';
import { formatOption } from '../frame/destinations.ts';
import { OUTPUT, POLICY, QUIET, TIMEOUT, VERBOSE, wordOption } from '../frame/options.ts';
import { CONTEXT, KUBECONFIG } from './cluster-options.ts';

/** `kataudit probe`. */
export const probeCommand: CliCommand = {
  path: 'probe',
  group: 'Inspect clusters',
  command: new Command()
    .description(
      'Compare the kernels of pods and nodes, and print how strong the evidence of isolation is. Unlike an audit, a probe acts on the cluster; see docs/probe.md.',
    )
    .addOption(KUBECONFIG)
    .addOption(CONTEXT)
    .addOption(
      wordOption('--mode <mode>', 'exec reads in running pods; canary starts short-lived pods', ['exec', 'canary']).default(
        'exec' as const,
      ),
    )
    .addOption(POLICY)
    .option('--namespace <name>', "exec: only pods in this namespace; canary: the namespace for canaries, instead of the policy's")
    .addOption(formatOption(['table', 'json']))
    .addOption(OUTPUT)
    .addOption(TIMEOUT)
    .addOption(QUIET)
    .addOption(VERBOSE)
    .action(act(async (here, options) => (await import('../probe.ts')).probe(here, options))),
  examples: [
    ['kataudit probe --kubeconfig FILE --namespace payments', 'reads boot ids in running sandboxed pods of a namespace'],
    ['kataudit probe --kubeconfig FILE --mode canary --policy policy.yaml', "starts canary pods from the policy's image and compares them"],
  ],
  exitCodes: {
    0: 'every probed pod has its own kernel',
    1: "a pod shares its node's kernel",
    2: 'unknown, or the command line is wrong',
  },
};
